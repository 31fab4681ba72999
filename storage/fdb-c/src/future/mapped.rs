//! Rows with the rows that they name, as C sees them.

use std::ffi::c_int;

use store::KeyRange;

use super::{FDBKey, FDBKeyValue, length};

/// A selector of a key.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct FDBKeySelector {
    /// The reference.
    pub key: FDBKey,
    /// Whether the reference itself counts as a start.
    pub or_equal: c_int,
    /// How many keys to go on.
    pub offset: c_int,
}

/// A range and its rows.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct FDBGetRangeReqAndResult {
    /// Where it begins.
    pub begin: FDBKeySelector,
    /// Where it ends.
    pub end: FDBKeySelector,
    /// The rows.
    pub data: *const FDBKeyValue,
    /// How many.
    pub m_size: c_int,
    /// As many.
    pub m_capacity: c_int,
}

/// A row with the range that it names.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct FDBMappedKeyValue {
    /// The row's key.
    pub key: FDBKey,
    /// The row's value.
    pub value: FDBKey,
    /// What it names.
    pub get_range: FDBGetRangeReqAndResult,
    /// Not used.
    pub buffer: [u8; 32],
}

/// A row, the range that it names, and what was found there.
pub(crate) struct MappedRow {
    pub(crate) key: Vec<u8>,
    pub(crate) value: Vec<u8>,
    pub(crate) named: KeyRange,
    pub(crate) found: Vec<(Vec<u8>, Vec<u8>)>,
}

/// A page of such rows.
pub(crate) struct MappedRowArray {
    rows: Box<[FDBMappedKeyValue]>,
    /// Whether there may be more.
    pub(crate) more: bool,
    _found: Vec<Box<[FDBKeyValue]>>,
    _owned: Vec<MappedRow>,
}

// SAFETY: the pointers lead into memory that the same value owns on the heap, that nothing changes, and that
// moves with it.
unsafe impl Send for MappedRowArray {}

impl MappedRowArray {
    pub(crate) fn new(owned: Vec<MappedRow>, more: bool) -> Self {
        let found: Vec<Box<[FDBKeyValue]>> = owned
            .iter()
            .map(|row| row.found.iter().map(FDBKeyValue::of).collect())
            .collect();
        let rows = owned
            .iter()
            .zip(&found)
            .map(|(row, found)| FDBMappedKeyValue {
                key: FDBKey::of(&row.key),
                value: FDBKey::of(&row.value),
                get_range: FDBGetRangeReqAndResult {
                    begin: first_at_or_past(&row.named.begin),
                    end: first_at_or_past(&row.named.end),
                    data: found.as_ptr(),
                    m_size: length(found.len()),
                    m_capacity: length(found.len()),
                },
                buffer: [0; 32],
            })
            .collect();
        Self {
            rows,
            more,
            _found: found,
            _owned: owned,
        }
    }

    pub(crate) fn as_c(&self) -> (*const FDBMappedKeyValue, c_int) {
        (self.rows.as_ptr(), length(self.rows.len()))
    }
}

fn first_at_or_past(key: &[u8]) -> FDBKeySelector {
    FDBKeySelector {
        key: FDBKey::of(key),
        or_equal: 0,
        offset: 1,
    }
}

const _: () = {
    assert!(size_of::<FDBKeySelector>() == 20, "as fdb_c.h says");
    assert!(size_of::<FDBMappedKeyValue>() == 112, "as fdb_c.h says");
};
