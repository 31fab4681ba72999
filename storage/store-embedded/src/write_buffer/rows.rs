//! The entries by key: found by hash, and in order.

use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;
use hashbrown::hash_table::{Entry as Slot, HashTable};

use super::arena::{Arena, At, Entry};
use super::order::Order;

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
    /// The oldest entry of each key.
    order: Order,
}

impl Rows {
    /// For about so many keys.
    pub(super) fn with_capacity(keys: usize) -> Self {
        Self {
            arena: Arena::default(),
            hasher: RandomState::default(),
            newest: HashTable::with_capacity(keys),
            order: Order::default(),
        }
    }

    /// Adds an entry, which is newer than all others of its key. The value comes in two parts; none clears the key.
    pub(super) fn insert(&mut self, key: &[u8], value: Option<[&[u8]; 2]>, seqno: u64) {
        let hash = self.hash(key);
        let arena = &mut self.arena;
        let is_it = |newest: &Newest| newest.hash == hash && arena.key(newest.at) == key;
        let rehash = |newest: &Newest| Newest::spread(newest.hash);
        match self.newest.entry(Newest::spread(hash), is_it, rehash) {
            Slot::Occupied(mut newest) => {
                let newest = newest.get_mut();
                newest.at = arena.push(Some(newest.at), seqno, key, value);
            }
            Slot::Vacant(room) => {
                let at = arena.push(None, seqno, key, value);
                room.insert(Newest { hash, at });
                self.order.insert(arena, at);
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

    /// The keys in `begin..end`, in order. No end is the end of all.
    pub(super) fn keys<'a>(
        &'a self,
        begin: &[u8],
        end: Option<&[u8]>,
    ) -> impl DoubleEndedIterator<Item = &'a [u8]> {
        self.order.range(&self.arena, begin, end)
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.newest.len()
    }

    /// About the memory that all of it takes; leaves of the order may be half empty.
    pub(super) fn bytes(&self) -> usize {
        let index = self.newest.allocation_size();
        self.arena.bytes() + index + self.newest.len() * 2 * size_of::<At>()
    }

    fn hash(&self, key: &[u8]) -> u32 {
        (self.hasher.hash_one(key) >> 32) as u32
    }
}
