//! stub
use crate::{BoardKey, Event, Index, Millis, Seq};
/// The state of one player in one hunt: the fold of the player's events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlayerState {
    seq: Seq,
    score: u64,
}
/// A clue that a player solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Solve1 {
    /// Which.
    pub clue: Index,
    /// By which event.
    pub seq: Seq,
    /// When.
    pub at: Millis,
}
impl PlayerState {
    /// Takes an event of this player in; one that is not newer than [`Self::seq`] changes nothing.
    pub fn apply(&mut self, _event: &Event) {
        unimplemented!()
    }
    /// The last event that is in it; 0 if none.
    pub fn seq(&self) -> Seq {
        self.seq
    }
    /// When the player joined.
    pub fn joined_at(&self) -> Option<Millis> {
        unimplemented!()
    }
    /// The score.
    pub fn score(&self) -> u64 {
        self.score
    }
    /// The place on the leaderboard, once there was a ranked solve.
    pub fn board(&self) -> Option<BoardKey> {
        unimplemented!()
    }
    /// Bytes in memory, with all that it points to.
    pub fn memory_bytes(&self) -> usize {
        unimplemented!()
    }
}
