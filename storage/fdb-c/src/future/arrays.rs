//! Arrays as C sees them: pointers into memory that the future owns.

use std::ffi::{CString, c_char, c_int};

/// A key.
#[derive(Clone, Copy)]
#[repr(C, packed(4))]
pub struct FDBKey {
    /// Its bytes.
    pub key: *const u8,
    /// How many.
    pub key_length: c_int,
}

/// A row.
#[derive(Clone, Copy)]
#[repr(C, packed(4))]
pub struct FDBKeyValue {
    /// The key's bytes.
    pub key: *const u8,
    /// How many.
    pub key_length: c_int,
    /// The value's bytes.
    pub value: *const u8,
    /// How many.
    pub value_length: c_int,
}

/// A range of keys.
#[derive(Clone, Copy)]
#[repr(C, packed(4))]
pub struct FDBKeyRange {
    /// The first key's bytes.
    pub begin_key: *const u8,
    /// How many.
    pub begin_key_length: c_int,
    /// The bytes of the first key past the range.
    pub end_key: *const u8,
    /// How many.
    pub end_key_length: c_int,
}

/// A page of rows.
pub(crate) struct RowArray {
    rows: Box<[FDBKeyValue]>,
    /// Whether there may be more.
    pub(crate) more: bool,
    _owned: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Keys.
pub(crate) struct KeyArray {
    keys: Box<[FDBKey]>,
    _owned: Vec<Vec<u8>>,
}

/// Strings that end in a zero.
pub(crate) struct StringArray {
    strings: Box<[*const c_char]>,
    _owned: Vec<CString>,
}

// SAFETY: the pointers of all three lead into memory that the same value owns on the heap, that nothing
// changes, and that moves with it.
unsafe impl Send for RowArray {}
// SAFETY: as above.
unsafe impl Send for KeyArray {}
// SAFETY: as above.
unsafe impl Send for StringArray {}

impl FDBKey {
    pub(super) fn of(key: &[u8]) -> Self {
        Self {
            key: key.as_ptr(),
            key_length: length(key.len()),
        }
    }
}

impl FDBKeyValue {
    pub(super) fn of((key, value): &(Vec<u8>, Vec<u8>)) -> Self {
        Self {
            key: key.as_ptr(),
            key_length: length(key.len()),
            value: value.as_ptr(),
            value_length: length(value.len()),
        }
    }
}

impl RowArray {
    pub(crate) fn new(owned: Vec<(Vec<u8>, Vec<u8>)>, more: bool) -> Self {
        Self {
            rows: owned.iter().map(FDBKeyValue::of).collect(),
            more,
            _owned: owned,
        }
    }

    pub(crate) fn as_c(&self) -> (*const FDBKeyValue, c_int) {
        (self.rows.as_ptr(), length(self.rows.len()))
    }
}

impl KeyArray {
    pub(crate) fn new(owned: Vec<Vec<u8>>) -> Self {
        Self {
            keys: owned.iter().map(|key| FDBKey::of(key)).collect(),
            _owned: owned,
        }
    }

    pub(crate) fn as_c(&self) -> (*const FDBKey, c_int) {
        (self.keys.as_ptr(), length(self.keys.len()))
    }
}

impl StringArray {
    pub(crate) fn new(owned: Vec<CString>) -> Self {
        Self {
            strings: owned.iter().map(|string| string.as_ptr()).collect(),
            _owned: owned,
        }
    }

    pub(crate) fn as_c(&self) -> (*const *const c_char, c_int) {
        (self.strings.as_ptr(), length(self.strings.len()))
    }
}

/// A length as C counts it.
pub(crate) fn length(length: usize) -> c_int {
    c_int::try_from(length).expect("keys, values and pages are far smaller than 2 GiB")
}

const _: () = {
    assert!(size_of::<FDBKey>() == 12, "fdb_c.h packs keys by 4");
    assert!(size_of::<FDBKeyValue>() == 24, "fdb_c.h packs rows by 4");
    assert!(size_of::<FDBKeyRange>() == 24, "fdb_c.h packs ranges by 4");
};
