//! What a future holds. Memory that a getter hands out is the future's, until it is released or destroyed.
//! 2015 if it is not ready, its error if it holds one, 2000 if its value is of another type.

use std::ffi::{c_char, c_int};
use std::ptr;

use store::StoreError;

use super::boundary::{answer, put, truth};
use super::handles::FDBFuture;
use super::{fdb_bool_t, fdb_error_t};
use crate::errors::code;
use crate::future::{FDBKey, FDBKeyRange, FDBKeyValue, FDBMappedKeyValue, FutureValue, length};

/// Summaries of blob granules, which this library does not make.
#[repr(C)]
pub struct FDBGranuleSummary {
    _opaque: [u8; 56],
}

/// # Safety
/// `f` is null or a future.
unsafe fn look<T>(
    f: *mut FDBFuture,
    look: impl FnOnce(&FutureValue) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    // SAFETY: the caller's, as above.
    unsafe { FDBFuture::inside(f) }?.look(look)
}

macro_rules! plain_getter {
    ($(#[$doc:meta])* $name:ident, $type:ty, $pattern:pat => $value:expr) => {
        $(#[$doc])*
        ///
        /// # Safety
        /// `f` is null or a future, `out` is null or writable.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(f: *mut FDBFuture, out: *mut $type) -> fdb_error_t {
            answer(|| {
                let look_at = |value: &FutureValue| match value {
                    $pattern => Ok($value),
                    _ => Err(FutureValue::mistaken()),
                };
                // SAFETY: the caller's, as above.
                unsafe { put(out, look(f, look_at)?) }
            })
        }
    };
}

/// A truth: no function here makes one, so this is always an error.
///
/// # Safety
/// `f` is null or a future, `out` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_future_get_bool(
    f: *mut FDBFuture,
    out: *mut fdb_bool_t,
) -> fdb_error_t {
    answer(|| {
        // SAFETY: the caller's, as above.
        unsafe {
            put(out, truth(false))?;
            look(f, |_| Err(FutureValue::mistaken()))
        }
    })
}

plain_getter!(
    /// A version or a size.
    fdb_future_get_int64, i64, FutureValue::Int64(value) => *value
);
plain_getter!(
    /// A protocol version.
    fdb_future_get_uint64, u64, FutureValue::Uint64(value) => *value
);
plain_getter!(
    /// A duration in seconds.
    fdb_future_get_double, f64, FutureValue::Double(value) => *value
);

/// A key, a versionstamp or a status.
///
/// # Safety
/// `f` is null or a future, the others are null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_future_get_key(
    f: *mut FDBFuture,
    out_key: *mut *const u8,
    out_key_length: *mut c_int,
) -> fdb_error_t {
    answer(|| {
        let look_at = |value: &FutureValue| match value {
            FutureValue::Key(key) => Ok((key.as_ptr(), length(key.len()))),
            _ => Err(FutureValue::mistaken()),
        };
        // SAFETY: the caller's, as above.
        unsafe {
            let (key, key_length) = look(f, look_at)?;
            put(out_key, key)?;
            put(out_key_length, key_length)
        }
    })
}

/// A value, if there is one.
///
/// # Safety
/// `f` is null or a future, the others are null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_future_get_value(
    f: *mut FDBFuture,
    out_present: *mut fdb_bool_t,
    out_value: *mut *const u8,
    out_value_length: *mut c_int,
) -> fdb_error_t {
    answer(|| {
        let look_at = |value: &FutureValue| match value {
            FutureValue::Value(value) => Ok(value
                .as_ref()
                .map(|value| (value.as_ptr(), length(value.len())))),
            _ => Err(FutureValue::mistaken()),
        };
        // SAFETY: the caller's, as above.
        unsafe {
            let found = look(f, look_at)?;
            put(out_present, truth(found.is_some()))?;
            if let Some((value, value_length)) = found {
                put(out_value, value)?;
                put(out_value_length, value_length)?;
            }
        }
        Ok(())
    })
}

macro_rules! page_getter {
    ($(#[$doc:meta])* $name:ident, $row:ty, $variant:ident) => {
        $(#[$doc])*
        ///
        /// # Safety
        /// `f` is null or a future, the others are null or writable.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            f: *mut FDBFuture,
            out_kv: *mut *const $row,
            out_count: *mut c_int,
            out_more: *mut fdb_bool_t,
        ) -> fdb_error_t {
            answer(|| {
                let look_at = |value: &FutureValue| match value {
                    FutureValue::$variant(rows) => Ok((rows.as_c(), rows.more)),
                    _ => Err(FutureValue::mistaken()),
                };
                // SAFETY: the caller's, as above.
                unsafe {
                    let ((rows, count), more) = look(f, look_at)?;
                    put(out_kv, rows)?;
                    put(out_count, count)?;
                    put(out_more, truth(more))
                }
            })
        }
    };
}

page_getter!(
    /// A page of rows, and whether there may be more.
    fdb_future_get_keyvalue_array, FDBKeyValue, Rows
);
page_getter!(
    /// A page of rows with those that they name, and whether there may be more.
    fdb_future_get_mappedkeyvalue_array, FDBMappedKeyValue, MappedRows
);

macro_rules! array_getter {
    ($(#[$doc:meta])* $name:ident, $element:ty, $pattern:pat => $array:expr) => {
        $(#[$doc])*
        ///
        /// # Safety
        /// `f` is null or a future, the others are null or writable.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            f: *mut FDBFuture,
            out: *mut $element,
            out_count: *mut c_int,
        ) -> fdb_error_t {
            answer(|| {
                let look_at = |value: &FutureValue| match value {
                    $pattern => Ok($array.as_c()),
                    _ => Err(FutureValue::mistaken()),
                };
                // SAFETY: the caller's, as above.
                unsafe {
                    let (array, count) = look(f, look_at)?;
                    put(out, array)?;
                    put(out_count, count)
                }
            })
        }
    };
}

array_getter!(
    /// Keys.
    fdb_future_get_key_array, *const FDBKey, FutureValue::Keys(keys) => keys
);
array_getter!(
    /// Strings, each with a zero at its end.
    fdb_future_get_string_array, *const *const c_char, FutureValue::Strings(strings) => strings
);
/// Ranges: no function here makes them, so this is always an error.
///
/// # Safety
/// `f` is null or a future, the others are null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_future_get_keyrange_array(
    f: *mut FDBFuture,
    out_ranges: *mut *const FDBKeyRange,
    out_count: *mut c_int,
) -> fdb_error_t {
    let mut no_more = 0;
    // SAFETY: the caller's, as above.
    unsafe { no_array(f, out_ranges, out_count, &raw mut no_more) }
}

/// Always an error: there are no blob granules.
///
/// # Safety
/// `f` is null or a future, the others are null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_future_get_granule_summary_array(
    f: *mut FDBFuture,
    out_summaries: *mut *const FDBGranuleSummary,
    out_count: *mut c_int,
) -> fdb_error_t {
    let mut no_more = 0;
    // SAFETY: the caller's, as above.
    unsafe { no_array(f, out_summaries, out_count, &raw mut no_more) }
}

/// An empty array, and the future's error, or 2108.
///
/// # Safety
/// `f` is null or a future, the others are null or writable.
pub(super) unsafe fn no_array<T>(
    f: *mut FDBFuture,
    out: *mut *const T,
    out_count: *mut c_int,
    out_more: *mut fdb_bool_t,
) -> fdb_error_t {
    answer(|| {
        // SAFETY: the caller's, as above.
        unsafe {
            put(out, ptr::null())?;
            put(out_count, 0)?;
            put(out_more, truth(false))?;
            look(f, |_| Err(StoreError::new(code::UNSUPPORTED_OPERATION)))
        }
    })
}
