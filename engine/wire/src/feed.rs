//! The feed on a connection: the engine sends events as far as the client's credit goes.

use bincode::{BorrowDecode, Encode};

/// Events that a client may ask for in advance.
pub const FEED_CREDIT_MAX: u32 = 1 << 20;

/// A place in the feed, as the HTTP API gives it: versionstamp of a commit, and events of it that lie before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, BorrowDecode)]
pub struct Position {
    /// The commit.
    pub versionstamp: [u8; 10],
    /// Events of the commit's batch that lie before the place.
    pub events: u32,
}

/// The client wants the feed; a second subscription under another id is a second reader.
#[derive(Clone, Debug, PartialEq, Eq, Encode, BorrowDecode)]
pub struct Subscribe {
    /// Names the subscription.
    pub id: u64,
    /// From where; all zeroes is the beginning.
    pub after: Position,
    /// Events that the engine may send before the client gives more credit.
    pub credit: u32,
}

/// More events may come. The sum of what is not yet used is at most [`FEED_CREDIT_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, BorrowDecode)]
pub struct Credit {
    /// The subscription.
    pub id: u64,
    /// How many more; 0 ends the subscription.
    pub events: u32,
}

/// A part of the feed, in the one global order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, BorrowDecode)]
pub struct Events {
    /// The subscription.
    pub id: u64,
    /// Go on from here after the last of them.
    pub position: Position,
    /// The events.
    pub events: Vec<FeedEvent>,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Encode, BorrowDecode)]
pub struct FeedEvent {
    /// The shard in whose log it is.
    pub shard: u16,
    /// Its place there.
    pub seq: u64,
    /// Milliseconds since 1970.
    pub at: u64,
    /// The hunt.
    pub hunt: String,
    /// What happened.
    pub happened: Happened,
}

/// What happened. Treasures come as (name, place among the event's grants).
#[derive(Clone, Debug, PartialEq, Eq, Encode, BorrowDecode)]
pub enum Happened {
    /// The hunt was made or replaced.
    Put {
        /// It was made.
        created: bool,
    },
    /// The hunt went on to `open`, `frozen` or `closed`.
    Phase(String),
    /// A clue's time came.
    ClueUnlocked {
        /// Which.
        clue: String,
    },
    /// Stock was added.
    Restocked {
        /// Of which treasure.
        treasure: String,
        /// How many more.
        add: u64,
        /// The stock left with them.
        stock_left: u64,
    },
    /// A player joined.
    Joined {
        /// Who.
        player: String,
    },
    /// A player solved a clue.
    Solved {
        /// Who.
        player: String,
        /// Which clue.
        clue: String,
        /// Points for it.
        points: u32,
        /// The score with them.
        score: u64,
        /// Treasures that it won.
        treasures: Vec<String>,
    },
    /// A player tried in vain.
    Missed {
        /// Who.
        player: String,
        /// Which clue.
        clue: String,
    },
    /// A player claimed a treasure and got it.
    Claimed {
        /// Who.
        player: String,
        /// Which.
        treasure: String,
    },
}
