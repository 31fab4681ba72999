//! What commands are answered.

use bincode::{BorrowDecode, Encode};

use crate::error::ErrorCode;

/// The answers to a [`crate::Commands`] frame, in its order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, BorrowDecode)]
pub struct Replies {
    /// The frame's id.
    pub id: u64,
    /// One for each command.
    pub replies: Vec<Replied>,
}

/// The answer to one command.
#[derive(Clone, Debug, PartialEq, Eq, Encode, BorrowDecode)]
pub struct Replied {
    /// The command took effect earlier, and this repeats its answer.
    pub replayed: bool,
    /// The answer.
    pub outcome: Outcome,
}

/// What became of a command. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Encode, BorrowDecode)]
pub enum Outcome {
    /// The treasure is the player's.
    Granted(Grant),
    /// The player has as many of it as one may have; the first grant is named.
    AlreadyGranted(Grant),
    /// No stock is left.
    SoldOut,
    /// The player has not solved what the treasure requires, or it can't be claimed at all.
    NotEligible {
        /// Clues still to be solved.
        missing: Vec<String>,
    },
    /// The clue is solved.
    Solved {
        /// Points for it.
        points: u32,
        /// The player's score with them.
        score: u64,
        /// Clues that it unlocked.
        unlocked: Vec<String>,
        /// Treasures that it won.
        grants: Vec<Grant>,
    },
    /// The attempt was wrong.
    Wrong {
        /// Guesses left; none if they are not limited.
        guesses_left: Option<u32>,
    },
    /// The player solved this clue before.
    AlreadySolved {
        /// When.
        at: u64,
    },
    /// The clue is not unlocked for this player.
    Locked,
    /// No guesses are left for this clue.
    OutOfGuesses,
    /// The last guess was too short a while ago.
    TooSoon {
        /// Milliseconds to wait.
        retry_after_ms: u64,
    },
    /// The player joined.
    Joined {
        /// When.
        at: u64,
    },
    /// The player had joined before.
    AlreadyJoined {
        /// When.
        at: u64,
    },
    /// There is no hunt of this name.
    UnknownHunt,
    /// The hunt has no clue of this name.
    UnknownClue,
    /// The hunt has no treasure of this name.
    UnknownTreasure,
    /// The hunt's phase does not allow it.
    WrongPhase {
        /// What is needed, for people.
        detail: String,
    },
    /// The attempt is not of the clue's kind.
    Mismatch {
        /// What was expected, for people.
        detail: String,
    },
    /// The request id was used for another command of this player.
    KeyReused,
    /// It was not decided, or it can't be told whether it was: send it again with the same request id.
    Failed {
        /// Why.
        code: ErrorCode,
        /// Milliseconds to wait before that.
        retry_after_ms: u64,
    },
}

/// One unit of a treasure that a player holds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, BorrowDecode)]
pub struct Grant {
    /// Which treasure.
    pub treasure: String,
    /// The log in which the grant is.
    pub shard: u16,
    /// Its event there.
    pub seq: u64,
    /// Its place among the event's grants, from 1. Shard, sequence and place are unique over all hunts.
    pub place: u32,
    /// When.
    pub at: u64,
}
