//! The moves of players and of operators.

/// What a player does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// Joins.
    Join,
    /// Brings what is right to any clue.
    Solve,
    /// Brings what is right to the first clue.
    SolveFirst,
    /// Brings what is wrong to any clue.
    Miss,
    /// Brings a scan where an answer is asked for, and the like.
    WrongKind,
    /// Claims any treasure.
    Claim,
    /// Claims the first treasure.
    ClaimFirst,
    /// Asks for a hunt, a clue or a treasure that is not there.
    Unknown,
    /// Asks again for what an earlier operation asked, under its id.
    Again,
    /// Asks again for what was asked so long ago that it is about to be forgotten.
    LongAgo,
    /// Asks for something else under the id of an earlier operation.
    ReuseKey,
    /// Several of these in one request, some twice.
    Batch {
        /// How many at most.
        max: u64,
    },
}

/// What an operator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Puts the hunt in another version.
    Replace,
    /// Adds stock.
    Restock,
    /// Asks for something else under the id of an earlier operation.
    ReuseKey,
    /// Asks for what can't be: stock for what has none, or more of it than there may be.
    RestockTooMuch,
    /// Asks again for what was asked so long ago that it is about to be forgotten.
    LongAgo,
    /// Opens.
    Open,
    /// Freezes.
    Freeze,
    /// Freezes or opens the hunt of the client's operation before: whichever that changed, or left as it was.
    Back,
    /// Closes.
    Close,
}
