//! Where a hunt is in its life.

use bincode::{Decode, Encode};
use serde::Serialize;
use std::fmt;

/// Where a hunt is in its life. It only goes forward.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Encode, Decode,
)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Players may join; nothing can be solved yet.
    #[default]
    Scheduled,
    /// It is played.
    Open,
    /// It is played on; its leaderboard stands still.
    Frozen,
    /// Over: no more solves or claims.
    Closed,
}

impl Phase {
    /// Players may solve and claim.
    pub fn is_played(self) -> bool {
        matches!(self, Self::Open | Self::Frozen)
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheduled => "scheduled",
            Self::Open => "open",
            Self::Frozen => "frozen",
            Self::Closed => "closed",
        })
    }
}
