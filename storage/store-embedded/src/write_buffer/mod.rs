//! The newest rows in memory, at every version, until they are in a table.
//!
//! ```text
//!   committer ──▶ entries, one behind the other ◀── older entry of the same key
//!                     ▲                  ▲
//!       hash of a key ┘                  └ keys in order: for who asks for a range, and for the table
//! ```
//!
//! One thread writes, any number reads.

mod arena;
mod order;
mod rows;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::{iter, mem};

use lsm_tree::{InternalValue, ValueType};

use arena::Entry;
use rows::Rows;

/// Rows that are taken out at once. The committer may wait for as long as that takes.
const PAGE_ROWS: usize = 128;

/// A page ends with the row that reaches so many bytes.
const PAGE_BYTES: usize = 64 << 10;

/// A row as a reader of some time finds it here.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BufferRow {
    pub(crate) key: Vec<u8>,
    /// None is a cleared key.
    pub(crate) value: Option<Vec<u8>>,
}

/// Some rows of a buffer.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) rows: VecDeque<BufferRow>,
    /// There are no more behind them.
    pub(crate) is_last: bool,
}

/// The rows of one buffer.
#[derive(Debug)]
pub(crate) struct WriteBuffer {
    rows: RwLock<Rows>,
    bytes: AtomicU64,
    last_seqno: AtomicU64,
}

impl WriteBuffer {
    /// An empty one for about so many keys.
    pub(crate) fn with_capacity(keys: usize) -> Self {
        Self {
            rows: RwLock::new(Rows::with_capacity(keys)),
            bytes: AtomicU64::new(0),
            last_seqno: AtomicU64::new(0),
        }
    }

    /// Adds what the group `seqno` wrote under `key`, newer than all that is here; the value in two parts, none clears it.
    pub(crate) fn insert(&self, key: &[u8], value: Option<[&[u8]; 2]>, seqno: u64) {
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        rows.insert(key, value, seqno);
        self.bytes.store(rows.bytes() as u64, Relaxed);
        self.last_seqno.store(seqno, Relaxed);
    }

    /// The row `key` before the group `before`, if it was written here; none within is a cleared key.
    pub(crate) fn get(&self, key: &[u8], before: u64) -> Option<Option<Vec<u8>>> {
        let rows = self.rows();
        let found = rows.get(key, before);
        found.map(|entry| entry.value.map(<[u8]>::to_vec))
    }

    /// The first rows with keys in `begin..end`, as of before the group `before`, in order; the last ones if `reverse`. Values are
    /// left empty unless asked for.
    pub(crate) fn page(
        &self,
        (begin, end): (&[u8], &[u8]),
        reverse: bool,
        before: u64,
        with_values: bool,
    ) -> Page {
        let rows = self.rows();
        let mut keys = rows.keys(begin, Some(end));
        let in_turn = iter::from_fn(|| match reverse {
            true => keys.next_back(),
            false => keys.next(),
        });
        let mut page = Page::default();
        let mut bytes = 0;
        for entry in in_turn.filter_map(|key| rows.get(key, before)) {
            if page.rows.len() >= PAGE_ROWS || bytes >= PAGE_BYTES {
                return page;
            }
            let value = entry
                .value
                .map(|value| if with_values { value } else { &[] });
            bytes += entry.key.len() + value.map_or(0, <[u8]>::len);
            page.rows.push_back(BufferRow {
                key: entry.key.to_vec(),
                value: value.map(<[u8]>::to_vec),
            });
        }
        page.is_last = true;
        page
    }

    /// Gives `write` all that readers from the group `floor` on need, in the order of a table: by key, the newest first. Nothing is
    /// added meanwhile.
    pub(crate) fn write_to<T>(
        &self,
        floor: u64,
        write: impl FnOnce(&mut dyn Iterator<Item = InternalValue>) -> T,
    ) -> T {
        let rows = self.rows();
        let needed = rows.keys(&[], None).flat_map(|key| {
            // Of what was overwritten before the floor nobody sees the older one.
            let mut newer = u64::MAX;
            let is_seen = move |entry: &Entry<'_>| mem::replace(&mut newer, entry.seqno) >= floor;
            rows.versions(key).take_while(is_seen)
        });
        write(&mut needed.map(|entry| internal(&entry)))
    }

    /// How many keys there are.
    pub(crate) fn keys(&self) -> usize {
        self.rows().len()
    }

    /// The group that wrote here last.
    pub(crate) fn last_seqno(&self) -> u64 {
        self.last_seqno.load(Relaxed)
    }

    /// The memory that it takes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    fn rows(&self) -> RwLockReadGuard<'_, Rows> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An entry as the library writes it.
fn internal(entry: &Entry<'_>) -> InternalValue {
    match entry.value {
        Some(value) => {
            InternalValue::from_components(entry.key, value, entry.seqno, ValueType::Value)
        }
        None => InternalValue::new_tombstone(entry.key, entry.seqno),
    }
}

#[cfg(test)]
mod tests;
