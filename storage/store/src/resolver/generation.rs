//! The writes of one stretch of versions.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::points::Points;
use crate::{ConflictRange, Version};

/// What an entry takes besides its key: the map's node, the key's header and the allocator's.
const ENTRY_OVERHEAD_BYTES: usize = 64;

/// The newest version at which each key was written within one stretch of versions.
#[derive(Debug)]
pub(super) struct Generation {
    /// Keys written one by one.
    points: Points,
    /// Ranges: the keys from each entry to the next were last written at its version; 0 for never.
    ranges: BTreeMap<Vec<u8>, Version>,
    first: Version,
    last: Version,
    ranges_bytes: usize,
}

/// The version of a stretch between ranges.
const NEVER: Version = 0;

impl Generation {
    /// One without writes; `seed` as of [`Points::new`].
    pub(super) fn new(seed: u64) -> Self {
        Self {
            points: Points::new(seed),
            ranges: BTreeMap::new(),
            first: NEVER,
            last: NEVER,
            ranges_bytes: 0,
        }
    }

    /// The version of the oldest write; 0 if there is none.
    pub(super) fn first(&self) -> Version {
        self.first
    }

    /// The version of the newest write; 0 if there is none.
    pub(super) fn last(&self) -> Version {
        self.last
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.points.size_bytes() + self.ranges_bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.points.is_empty() && self.ranges.is_empty()
    }

    /// Remembers that `range` was written at `version`, the newest so far.
    pub(super) fn insert(&mut self, range: ConflictRange<'_>, version: Version) {
        if self.is_empty() {
            self.first = version;
        }
        self.last = version;
        if range.is_single() {
            self.points.insert(range.begin, version);
        } else {
            self.insert_range(range, version);
        }
    }

    /// Nothing more will be written in it.
    pub(super) fn end(&mut self) {
        self.points.end();
    }

    /// Whether anything in `range` was written after `version`.
    pub(super) fn is_written_after(&mut self, range: ConflictRange<'_>, version: Version) -> bool {
        let point = if range.is_single() {
            self.points.is_written_after(range.begin, version)
        } else {
            self.points.is_any_written_after(range, version)
        };
        point || (!self.ranges.is_empty() && self.is_range_written_after(range, version))
    }

    fn insert_range(&mut self, range: ConflictRange<'_>, version: Version) {
        let after = self.version_at(range.end);
        let covered = (
            Bound::Excluded(range.begin.to_vec()),
            Bound::Excluded(range.end.to_vec()),
        );
        for (key, _) in self.ranges.extract_if(covered, |_, _| true) {
            self.ranges_bytes -= key.len() + ENTRY_OVERHEAD_BYTES;
        }
        self.set_boundary(range.end, after);
        self.set_boundary(range.begin, version);
    }

    fn set_boundary(&mut self, key: &[u8], version: Version) {
        if self.ranges.insert(key.to_vec(), version).is_none() {
            self.ranges_bytes += key.len() + ENTRY_OVERHEAD_BYTES;
        }
    }

    /// The version at which some range last wrote `key`.
    fn version_at(&self, key: &[u8]) -> Version {
        let up_to = (Bound::Unbounded, Bound::Included(key));
        self.ranges
            .range::<[u8], _>(up_to)
            .next_back()
            .map_or(NEVER, |(_, version)| *version)
    }

    fn is_range_written_after(&self, range: ConflictRange<'_>, version: Version) -> bool {
        let inside = (Bound::Excluded(range.begin), Bound::Excluded(range.end));
        self.version_at(range.begin) > version
            || self
                .ranges
                .range::<[u8], _>(inside)
                .any(|(_, written)| *written > version)
    }
}
