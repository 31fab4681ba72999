//! Who leads. A sorted sequence that also counts: rank of a place and places from a rank on take microseconds for tens
//! of millions of players.
//!
//! ```text
//! groups (≤ 256 blocks each) ─▶ blocks (≤ 512 places each, sorted) ─▶ places
//! ```
//!
//! A step down is a binary search by the last place of each part; a rank adds up the lengths of the parts before.

mod block;

use std::cmp::Ordering;

use crate::{Millis, PlayerId, Seq};
use block::{Block, Group};

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
        other
            .score
            .cmp(&self.score)
            .then(self.seq.cmp(&other.seq))
            .then(self.at.cmp(&other.at))
    }
}

impl PartialOrd for BoardKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Players in order of their places. Each place is there once, as each has an event of its own.
#[derive(Clone, Debug, Default)]
pub struct Leaderboard {
    groups: Vec<Group>,
    len: u64,
}

impl Leaderboard {
    /// Puts a player at a place; the player who had it, if any, is given back.
    pub fn insert(&mut self, key: BoardKey, player: PlayerId) -> Option<PlayerId> {
        if self.groups.is_empty() {
            self.groups.push(Group::of(Block::default()));
        }
        let last = self.groups.len() - 1;
        let at = self.group_of(&key).min(last);
        let group = self.groups.get_mut(at)?;
        let before = group.insert(key, player);
        self.len += u64::from(before.is_none());
        if let Some(half) = group.split_if_full() {
            self.groups.insert(at + 1, half);
        }
        before
    }

    /// Takes a place away; the player who had it, if any, is given back.
    pub fn remove(&mut self, key: &BoardKey) -> Option<PlayerId> {
        let at = self.group_of(key);
        let group = self.groups.get_mut(at)?;
        let player = group.remove(key)?;
        self.len -= 1;
        if group.is_empty() {
            self.groups.remove(at);
        }
        Some(player)
    }

    /// The rank of a place, from 1, whether it is taken or not: one more than the number of places before it.
    pub fn rank(&self, key: &BoardKey) -> u64 {
        let at = self.group_of(key);
        let before: u64 = self.groups.iter().take(at).map(Group::len).sum();
        1 + before + self.groups.get(at).map_or(0, |group| group.before(key))
    }

    /// Up to `limit` places from a rank on (1 is the first).
    pub fn page(&self, from_rank: u64, limit: usize) -> Vec<(BoardKey, PlayerId)> {
        let mut skip = from_rank.saturating_sub(1);
        let mut page = Vec::new();
        for group in &self.groups {
            if skip >= group.len() {
                skip -= group.len();
            } else {
                group.page(skip, limit, &mut page);
                skip = 0;
            }
            if page.len() >= limit {
                break;
            }
        }
        page
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
        let groups = self.groups.capacity() * size_of::<Group>();
        size_of::<Self>() + groups + self.groups.iter().map(Group::heap_bytes).sum::<usize>()
    }

    /// The first group whose last place is not before this one.
    fn group_of(&self, key: &BoardKey) -> usize {
        self.groups
            .partition_point(|group| group.last().is_some_and(|last| last < key))
    }
}
