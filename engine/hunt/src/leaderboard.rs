//! Who leads: an order-statistic structure.

use crate::{Millis, PlayerId, Seq};
use std::cmp::Ordering;

/// A place on the leaderboard. It orders as the board does: higher scores first, then who came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoardKey {
    /// The score.
    pub score: u64,
    /// The event that reached it.
    pub seq: Seq,
    /// When that was.
    pub at: Millis,
}
impl Ord for BoardKey {
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.cmp(&self.score).then(self.seq.cmp(&other.seq)).then(self.at.cmp(&other.at))
    }
}
impl PartialOrd for BoardKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
/// stub
#[derive(Clone, Debug, Default)]
pub struct Leaderboard {
    len: u64,
}
impl Leaderboard {
    /// Puts a player at a place.
    pub fn insert(&mut self, _key: BoardKey, _player: PlayerId) {
        unimplemented!()
    }
    /// Takes a place away; the player who had it.
    pub fn remove(&mut self, _key: &BoardKey) -> Option<PlayerId> {
        unimplemented!()
    }
    /// The rank of a place, from 1, whether it is taken or not.
    pub fn rank(&self, _key: &BoardKey) -> u64 {
        unimplemented!()
    }
    /// Up to `limit` places from a rank on (1 is the first).
    pub fn page(&self, _from_rank: u64, _limit: usize) -> Vec<(BoardKey, PlayerId)> {
        unimplemented!()
    }
    /// How many players are on it.
    pub fn len(&self) -> u64 {
        self.len
    }
    /// Nobody is on it.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// Bytes in memory, with all that it points to.
    pub fn memory_bytes(&self) -> usize {
        unimplemented!()
    }
}
