//! The entries by key: found by hash, in order when somebody asks for it.

use std::mem;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher as _;

use super::arena::{Arena, At, Entry};
use super::ordered::Ordered;

/// Keys that are put into order at once. More of them take longer, fewer make more runs to look through.
const RUN_KEYS: usize = 2_048;

/// The newest entry of a key.
#[derive(Clone, Copy, Debug)]
struct Newest {
    /// A part of the key's hash.
    hash: u32,
    at: At,
}

impl Newest {
    /// A hash for the table, which takes its place from the low bits and a mark from the high ones.
    fn spread(hash: u32) -> u64 {
        u64::from(hash) << 32 | u64::from(hash)
    }
}

/// The entries of a buffer.
#[derive(Debug)]
pub(super) struct Rows {
    arena: Arena,
    hasher: RandomState,
    newest: HashTable<Newest>,
    /// The oldest entry of each key, in runs that are in order.
    runs: Vec<Vec<At>>,
    /// Of the keys that are in no run yet, as they came.
    fresh: Vec<At>,
}

impl Rows {
    /// For about so many keys.
    pub(super) fn with_capacity(keys: usize) -> Self {
        Self {
            arena: Arena::default(),
            hasher: RandomState::default(),
            newest: HashTable::with_capacity(keys),
            runs: Vec::new(),
            fresh: Vec::new(),
        }
    }

    /// Adds an entry, which is newer than all others of its key. The value comes in two parts; none clears the key.
    pub(super) fn insert(&mut self, key: &[u8], value: Option<[&[u8]; 2]>, seqno: u64) {
        let hash = self.hash(key);
        let arena = &mut self.arena;
        let found = self.newest.find_mut(Newest::spread(hash), |newest| {
            newest.hash == hash && arena.key(newest.at) == key
        });
        match found {
            Some(newest) => newest.at = arena.push(Some(newest.at), seqno, key, value),
            None => {
                let at = arena.push(None, seqno, key, value);
                let rehash = |newest: &Newest| Newest::spread(newest.hash);
                self.newest
                    .insert_unique(Newest::spread(hash), Newest { hash, at }, rehash);
                self.begin_key(at);
            }
        }
    }

    /// The newest entry of `key` before the group `before`.
    pub(super) fn get(&self, key: &[u8], before: u64) -> Option<Entry<'_>> {
        self.versions(key).find(|entry| entry.seqno < before)
    }

    /// The entries of `key`, newest first.
    pub(super) fn versions(&self, key: &[u8]) -> impl Iterator<Item = Entry<'_>> {
        let hash = self.hash(key);
        let newest = self.newest.find(Newest::spread(hash), |newest| {
            newest.hash == hash && self.arena.key(newest.at) == key
        });
        let newest = newest.map(|newest| self.arena.entry(newest.at));
        std::iter::successors(newest, |entry| entry.older.map(|at| self.arena.entry(at)))
    }

    /// The keys in `begin..end`, in order; backwards if `reverse`. No end is the end of all.
    pub(super) fn keys<'a>(
        &'a self,
        begin: &[u8],
        end: Option<&[u8]>,
        reverse: bool,
    ) -> impl Iterator<Item = &'a [u8]> {
        let arena = &self.arena;
        let is_below_end = |key: &[u8]| end.is_none_or(|end| key < end);
        let mut fresh: Vec<&[u8]> = self.fresh.iter().map(|&at| arena.key(at)).collect();
        fresh.retain(|key| *key >= begin && is_below_end(key));
        fresh.sort_unstable();
        let parts = self.runs.iter().filter_map(move |run| {
            let first = run.partition_point(|&at| arena.key(at) < begin);
            let len = run[first..].partition_point(|&at| is_below_end(arena.key(at)));
            (len > 0).then(|| &run[first..first + len])
        });
        Ordered::new(arena, fresh, parts, reverse)
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.newest.len()
    }

    /// The memory that all of it takes.
    pub(super) fn bytes(&self) -> usize {
        let index = self.newest.allocation_size();
        self.arena.bytes() + index + self.newest.len() * size_of::<At>()
    }

    fn begin_key(&mut self, at: At) {
        self.fresh.push(at);
        if self.fresh.len() >= RUN_KEYS {
            let arena = &self.arena;
            self.fresh
                .sort_unstable_by(|&left, &right| arena.key(left).cmp(arena.key(right)));
            let next = Vec::with_capacity(RUN_KEYS);
            self.runs.push(mem::replace(&mut self.fresh, next));
        }
    }

    fn hash(&self, key: &[u8]) -> u32 {
        (self.hasher.hash_one(key) >> 32) as u32
    }
}
