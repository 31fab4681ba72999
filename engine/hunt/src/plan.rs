//! What a hunt is made of, as its definition holds it: ids are resolved to indexes, secrets are digests.

use bincode::{Decode, Encode};

use crate::{ClueId, Index, Millis, TreasureId, place::Place, secret::Digest};

/// How often a player may guess wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct GuessLimits {
    /// Wrong guesses per clue; `None` is no limit.
    pub per_clue: Option<u32>,
    /// Milliseconds from a wrong guess to the next guess at the same clue.
    pub cooldown_ms: u32,
}

/// When a hunt goes on to its next phase by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Schedule {
    /// When it opens; `None`: when an operator opens it.
    pub opens_at: Option<Millis>,
    /// When its leaderboard freezes.
    pub freezes_at: Option<Millis>,
    /// When it closes.
    pub closes_at: Option<Millis>,
}

/// One thing to solve.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Clue {
    /// Its name in the hunt.
    pub id: ClueId,
    /// Shown to players for whom it is unlocked.
    pub title: String,
    /// Shown to players for whom it is unlocked.
    pub text: String,
    /// What it is worth.
    pub points: u32,
    /// What solves it.
    pub solve: Solve,
    /// What unlocks it.
    pub unlock: Unlock,
    /// Treasures that solving it wins, while stock lasts.
    pub grants: Vec<Index>,
}

/// What solves a clue.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Solve {
    /// One of these answers, normalised.
    Answer(Vec<Digest>),
    /// Being there.
    CheckIn(Place),
    /// One of these codes, exactly.
    Scan(Vec<Digest>),
}

impl Solve {
    /// The way's name, as in the hunt's JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Answer(_) => "answer",
            Self::CheckIn(_) => "check_in",
            Self::Scan(_) => "scan",
        }
    }
}

/// What unlocks a clue for a player.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Unlock {
    /// Nothing is needed.
    Open,
    /// All of these solved.
    After(Vec<Index>),
    /// So many of these solved.
    Any {
        /// How many.
        count: u16,
        /// Out of which.
        of: Vec<Index>,
    },
    /// The time, for everybody.
    At(Millis),
}

/// A reward.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Treasure {
    /// Its name in the hunt.
    pub id: TreasureId,
    /// Shown to everybody.
    pub title: String,
    /// Units at the start; `None` is no limit.
    pub stock: Option<u64>,
    /// Units that one player may get.
    pub per_player: u32,
    /// How it is won.
    pub award: Award,
}

/// How a treasure is won.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Award {
    /// By solving a clue that grants it.
    OnSolve,
    /// By asking for it, once these clues are solved.
    Claim {
        /// Clues that must be solved first.
        requires: Vec<Index>,
    },
    /// By being among the first to solve this clue, in log order.
    FirstToSolve(Index),
}
