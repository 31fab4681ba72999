//! Who asks, as a verified token says.

use hunt::{Millis, PlayerId};

use crate::http::endpoint::Access;

/// What a token allows its bearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Acts for itself.
    Player,
    /// A game server: acts for any player and reads the feed.
    Service,
    /// Makes and runs hunts.
    Operator,
}

/// The bearer of a valid token.
#[derive(Clone, Debug, PartialEq)]
pub struct Caller {
    /// What the bearer may do.
    pub role: Role,
    /// The player that a token of the role `player` is for.
    pub player: Option<PlayerId>,
    /// The token holds before this moment.
    pub expires_at: Millis,
}

impl Caller {
    /// Whether the role may make such a call.
    pub fn may(&self, access: Access) -> bool {
        match access {
            Access::Open | Access::Any => true,
            Access::Play => matches!(self.role, Role::Player | Role::Service),
            Access::Service => self.role == Role::Service,
            Access::Operator => self.role == Role::Operator,
        }
    }
}
