//! What someone asks for. A command carries a request id, so asking twice is the same as asking once.

use std::fmt;

use bincode::{Decode, Encode};

use crate::{ClueId, Draft, HuntId, PlayerId, RequestId, Salt, TreasureId};

/// One request to one hunt.
#[derive(Clone, Debug, Encode, Decode)]
pub struct Command {
    /// The hunt that is asked; it decides the shard.
    pub hunt: HuntId,
    /// Names the request: the same id with the same action is answered the same.
    pub request: RequestId,
    /// What is asked.
    pub action: Action,
}

/// What is asked of a hunt.
#[derive(Clone, Debug, Encode, Decode)]
pub enum Action {
    /// An operator makes the hunt, or replaces its definition.
    Put {
        /// The validated definition, answers still in clear.
        draft: Box<Draft>,
        /// Fresh randomness; used only if the hunt is new (an existing hunt keeps its salt).
        salt: Salt,
    },
    /// An operator opens the hunt ahead of its schedule.
    Open,
    /// An operator freezes the leaderboard ahead of the schedule.
    Freeze,
    /// An operator closes the hunt ahead of its schedule.
    Close,
    /// An operator adds stock.
    Restock {
        /// Which treasure.
        treasure: TreasureId,
        /// How many more (at least 1).
        add: u64,
    },
    /// A player joins.
    Join {
        /// Who.
        player: PlayerId,
    },
    /// A player tries to solve a clue.
    Solve {
        /// Who.
        player: PlayerId,
        /// Which clue.
        clue: ClueId,
        /// With what.
        attempt: Attempt,
    },
    /// A player claims a treasure.
    Claim {
        /// Who.
        player: PlayerId,
        /// Which treasure.
        treasure: TreasureId,
    },
}

impl Action {
    /// The player whose progress the action touches, if it is a player's.
    pub fn player(&self) -> Option<&PlayerId> {
        match self {
            Self::Join { player } | Self::Solve { player, .. } | Self::Claim { player, .. } => {
                Some(player)
            }
            Self::Put { .. } | Self::Open | Self::Freeze | Self::Close | Self::Restock { .. } => {
                None
            }
        }
    }
}

/// What a player brings to a clue.
#[derive(Clone, PartialEq, Encode, Decode)]
pub enum Attempt {
    /// Free text, compared after normalising.
    Answer(String),
    /// A position, in degrees (WGS 84), with its accuracy in metres. All finite.
    CheckIn {
        /// Latitude, -90 to 90.
        lat: f64,
        /// Longitude, -180 to 180.
        lon: f64,
        /// Radius of uncertainty in metres, at least 0.
        accuracy_m: f64,
    },
    /// A scanned code, compared exactly.
    Scan(String),
}

/// An attempt may be right, so its `Debug` tells no more than its kind: answers and codes belong in no log.
impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answer(_) => "Answer(…)",
            Self::CheckIn { .. } => "CheckIn(…)",
            Self::Scan(_) => "Scan(…)",
        })
    }
}
