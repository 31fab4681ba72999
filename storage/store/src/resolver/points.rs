//! Keys that were written one by one.
//!
//! Nearly all that a commit asks and writes are single keys, so they are found by their hash. Their order is made only when
//! somebody asks for a range, and then kept: who never reads ranges never pays for it.

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::hash_table::{Entry, HashTable};

use crate::{ConflictRange, Version};

/// What a key takes besides its bytes: its place, its slot in the index and the room that both keep free.
const OVERHEAD_BYTES: usize = 2 * (size_of::<Point>() + size_of::<u32>() + 1);
/// What its place in the order takes besides its bytes: the map's node, the key's header and the allocator's.
const ORDER_OVERHEAD_BYTES: usize = 64;

/// A key, as a piece of all keys' bytes, and the newest version at which it was written.
#[derive(Debug)]
struct Point {
    start: u32,
    len: u32,
    version: Version,
}

impl Point {
    fn bytes(&self) -> Range<usize> {
        let start = self.start as usize;
        start..start + self.len as usize
    }
}

/// The newest version at which each key was written.
#[derive(Debug)]
pub(super) struct Points {
    hasher: FixedState,
    /// All keys, one behind the other.
    keys: Vec<u8>,
    points: Vec<Point>,
    /// Places in `points`.
    index: HashTable<u32>,
    /// The first so many of `points`, by key.
    order: BTreeMap<Vec<u8>, u32>,
    size_bytes: usize,
}

impl Points {
    /// None yet; `seed` keeps those who choose keys from choosing some that collide.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            hasher: FixedState::with_seed(seed),
            keys: Vec::new(),
            points: Vec::new(),
            index: HashTable::new(),
            order: BTreeMap::new(),
            size_bytes: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The bytes that they take, about.
    pub(super) fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    /// Remembers that `key` was written at `version`, the newest so far.
    pub(super) fn insert(&mut self, key: &[u8], version: Version) {
        let Self {
            hasher,
            keys,
            points,
            ..
        } = self;
        let is_key = |place: &u32| &keys[points[*place as usize].bytes()] == key;
        let hash_of = |place: &u32| hasher.hash_one(&keys[points[*place as usize].bytes()]);
        match self.index.entry(hasher.hash_one(key), is_key, hash_of) {
            Entry::Occupied(place) => points[*place.get() as usize].version = version,
            Entry::Vacant(slot) => {
                slot.insert(index_of(points.len()));
                let start = index_of(keys.len());
                let len = index_of(key.len());
                points.push(Point {
                    start,
                    len,
                    version,
                });
                keys.extend_from_slice(key);
                self.size_bytes += key.len() + OVERHEAD_BYTES;
            }
        }
    }

    /// No more will come: gives back the room that was kept for them.
    pub(super) fn end(&mut self) {
        self.keys.shrink_to_fit();
        self.points.shrink_to_fit();
    }

    /// Whether `key` was written after `version`.
    pub(super) fn is_written_after(&self, key: &[u8], version: Version) -> bool {
        let is_key = |place: &u32| self.key(*place) == key;
        let place = self.index.find(self.hasher.hash_one(key), is_key);
        place.is_some_and(|place| self.points[*place as usize].version > version)
    }

    /// Whether a key of `range` was written after `version`.
    pub(super) fn is_any_written_after(
        &mut self,
        range: ConflictRange<'_>,
        version: Version,
    ) -> bool {
        self.put_in_order();
        let mut inside = self.order.range::<[u8], _>(range.bounds());
        inside.any(|(_, place)| self.points[*place as usize].version > version)
    }

    fn put_in_order(&mut self) {
        for place in self.order.len()..self.points.len() {
            let place = index_of(place);
            let key = self.key(place).to_vec();
            self.size_bytes += key.len() + ORDER_OVERHEAD_BYTES;
            self.order.insert(key, place);
        }
    }

    fn key(&self, place: u32) -> &[u8] {
        &self.keys[self.points[place as usize].bytes()]
    }
}

/// A generation ends long before its keys come to four gigabytes.
fn index_of(position: usize) -> u32 {
    u32::try_from(position).expect("a generation is far smaller than 4 GiB")
}
