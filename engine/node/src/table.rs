//! A set of entries that are found by their keys, at places: they lie in pages, in the order in which they came, and an index says where.
//!
//! ```text
//! key ─▶ hash ─▶ one of the parts of the index ─▶ slot (place, hash) ─▶ pages: entry
//! ```
//!
//! It is made for millions. A map that doubles copies all that it holds, for which its core would stand still, and has half of its
//! room empty afterwards. Here only a part of the index doubles at a time, and a slot of it knows its hash, so that no key is looked at for
//! that.

use std::hash::{BuildHasher, Hash};

use crate::pages::Pages;
use foldhash::fast::FixedState;
use hashbrown::hash_table::{Entry, HashTable};

/// Parts of the index.
const PARTS: usize = 16;

/// Bytes that an entry takes beside key and value: its slot, and the room that the index keeps free.
pub(crate) const SLOT_BYTES: usize = 2 * size_of::<Slot>();

/// Where an entry is.
#[derive(Clone, Copy)]
struct Slot {
    place: u32,
    hash: Hash32,
}

/// Half of a key's hash; the other half chooses the part of the index.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Hash32(u32);

impl Hash32 {
    /// For a table that takes its bucket from the low bits, and a tag from the high ones.
    fn spread(self) -> u64 {
        u64::from(self.0) << 32 | u64::from(self.0)
    }
}

/// What lies in a table.
///
/// The key is a part of it, and not beside it, so that what is small can lie in the gaps of the rest.
pub(crate) trait Keyed {
    /// What it is found by.
    fn key(&self) -> impl Hash;
}

/// What entries of a kind are found by. Its hash is that of [`Keyed::key`].
pub(crate) trait KeyOf<E>: Hash {
    /// Whether it is the entry's.
    fn is_key_of(&self, entry: &E) -> bool;
}

/// Entries at places.
pub(crate) struct Table<E> {
    hasher: FixedState,
    index: [HashTable<Slot>; PARTS],
    entries: Pages<E>,
}

impl<E: Keyed> Table<E> {
    /// An empty table; `seed` keeps those who choose keys from choosing some that collide.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            hasher: FixedState::with_seed(seed),
            index: Default::default(),
            entries: Pages::new(),
        }
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Where the entry of `key` is, until one is removed.
    pub(crate) fn place_of(&self, key: &impl KeyOf<E>) -> Option<usize> {
        let (part, hash) = self.hash(key);
        let is_it = |slot: &Slot| slot.hash == hash && self.has_at(key, slot.place as usize);
        let slot = self.index[part].find(hash.spread(), is_it)?;
        Some(slot.place as usize)
    }

    /// Where the entry of `key` is, which was at `place` once: mostly it is there still, and nothing is looked up.
    pub(crate) fn place_near(&self, key: &impl KeyOf<E>, place: usize) -> Option<usize> {
        if self.has_at(key, place) {
            return Some(place);
        }
        self.place_of(key)
    }

    /// The entry of `key`.
    pub(crate) fn get(&self, key: &impl KeyOf<E>) -> Option<&E> {
        self.at(self.place_of(key)?)
    }

    /// The entry of `key`.
    pub(crate) fn get_mut(&mut self, key: &impl KeyOf<E>) -> Option<&mut E> {
        self.at_mut(self.place_of(key)?)
    }

    /// Adds the entry of `key` unless there is one; says where it is, and whether it is new.
    pub(crate) fn place_or_insert<K: KeyOf<E>>(
        &mut self,
        key: K,
        entry: impl FnOnce(K) -> E,
    ) -> (usize, bool) {
        let (part, hash) = self.hash(&key);
        let entries = &mut self.entries;
        let is_it = |slot: &Slot| {
            slot.hash == hash
                && (entries.get(slot.place as usize)).is_some_and(|own| key.is_key_of(own))
        };
        match self.index[part].entry(hash.spread(), is_it, |slot| slot.hash.spread()) {
            Entry::Occupied(slot) => (slot.get().place as usize, false),
            Entry::Vacant(room) => {
                let place = entries.len();
                let slot = Slot {
                    place: u32::try_from(place).expect("memory ends long before"),
                    hash,
                };
                room.insert(slot);
                entries.push(entry(key));
                (place, true)
            }
        }
    }

    /// The entry at a place.
    pub(crate) fn at(&self, place: usize) -> Option<&E> {
        self.entries.get(place)
    }

    /// The entry at a place. Its key must stay what it is.
    pub(crate) fn at_mut(&mut self, place: usize) -> Option<&mut E> {
        self.entries.get_mut(place)
    }

    /// Removes the entry at a place; the last one takes its place.
    pub(crate) fn swap_remove(&mut self, place: usize) -> Option<E> {
        let last = self.len().checked_sub(1)?;
        let removed = self.entries.swap_remove(place)?;
        let (part, hash) = self.hash(&removed.key());
        self.slot(part, hash, place)?.remove();
        if let Some(moved) = self.at(place) {
            let (part, hash) = self.hash(&moved.key());
            let slot = self.slot(part, hash, last)?;
            slot.into_mut().place = u32::try_from(place).ok()?;
        }
        Some(removed)
    }

    /// All entries, in the order of their places.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &E> + Clone {
        self.entries.iter()
    }

    fn has_at(&self, key: &impl KeyOf<E>, place: usize) -> bool {
        self.at(place).is_some_and(|own| key.is_key_of(own))
    }

    fn hash(&self, key: &impl Hash) -> (usize, Hash32) {
        let hash = self.hasher.hash_one(key);
        ((hash >> 32) as usize % PARTS, Hash32(hash as u32))
    }

    /// The slot of the entry that is, or was, at `place`.
    fn slot(
        &mut self,
        part: usize,
        hash: Hash32,
        place: usize,
    ) -> Option<hashbrown::hash_table::OccupiedEntry<'_, Slot>> {
        let is_it = |slot: &Slot| slot.place as usize == place;
        self.index[part].find_entry(hash.spread(), is_it).ok()
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;

    #[derive(Debug, PartialEq)]
    struct Pair(u64, u64);

    impl Keyed for Pair {
        fn key(&self) -> impl Hash {
            self.0
        }
    }

    impl KeyOf<Pair> for u64 {
        fn is_key_of(&self, pair: &Pair) -> bool {
            *self == pair.0
        }
    }

    /// What is asked of the table and of a map that is known to be right.
    struct Both {
        table: Table<Pair>,
        model: IndexMap<u64, u64, FixedState>,
    }

    impl Both {
        fn insert(&mut self, key: u64, value: u64) {
            let (place, is_new) = self.table.place_or_insert(key, |key| Pair(key, value));
            let entry = self.model.entry(key);
            assert_eq!(place, entry.index());
            assert_eq!(is_new, matches!(entry, indexmap::map::Entry::Vacant(_)));
            entry.or_insert(value);
        }

        fn remove(&mut self, place: usize) {
            let expected = self.model.swap_remove_index(place);
            let expected = expected.map(|(key, value)| Pair(key, value));
            assert_eq!(self.table.swap_remove(place), expected);
        }

        fn look(&self, key: u64) {
            assert_eq!(self.table.place_of(&key), self.model.get_index_of(&key));
            for once in [0, key as usize, 9_000] {
                let near = self.table.place_near(&key, once);
                assert_eq!(near, self.model.get_index_of(&key));
            }
            let found = self.table.get(&key).map(|pair| &pair.1);
            assert_eq!(found, self.model.get(&key));
            assert_eq!(self.table.len(), self.model.len());
        }
    }

    #[test]
    fn is_a_map_with_places() {
        let mut both = Both {
            table: Table::new(7),
            model: IndexMap::with_hasher(FixedState::with_seed(7)),
        };
        let mut random = 1_u64;
        for round in 0..60_000 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let key = (random >> 33) % 9_000;
            // Grows for a while, then shrinks for a while.
            if (random >> 20) % 10 < if (round / 15_000) % 2 == 0 { 8 } else { 2 } {
                both.insert(key, round);
            } else {
                both.remove(key as usize % (both.model.len() + 3));
            }
            both.look((random >> 41) % 9_000);
        }
        let pairs = both.table.iter().map(|Pair(key, value)| (key, value));
        assert!(pairs.eq(&both.model));
        while !both.model.is_empty() {
            both.remove(both.model.len() / 2);
        }
        assert_eq!(both.table.len(), 0);
        assert!(both.table.index.iter().all(HashTable::is_empty));
    }
}
