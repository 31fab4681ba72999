//! Blob granules: a store has none, so all of this answers 2108 `unsupported_operation`.

use std::ffi::{c_int, c_void};

use super::boundary::{answer, future, put};
use super::database::{ready, unsupported};
use super::future_get::no_array;
use super::handles::{FDBDatabase, FDBFuture, FDBResult, FDBTransaction, FailedResult, Handle};
use super::{fdb_bool_t, fdb_error_t};
use crate::future::FDBKeyValue;

/// A change within a granule.
#[repr(C)]
pub struct FDBBGMutation {
    _opaque: [u8; 0],
}

/// The files of a granule.
#[repr(C)]
pub struct FDBBGFileDescription {
    _opaque: [u8; 0],
}

/// How a reader of granules loads files.
#[repr(C)]
pub struct FDBReadBlobGranuleContext {
    user_context: *mut c_void,
    start_load: *mut c_void,
    get_load: *mut c_void,
    free_load: *mut c_void,
    debug_no_materialize: fdb_bool_t,
    granule_parallelism: c_int,
}

macro_rules! database_range {
    ($name:ident $(, $argument:ident: $type:ty)*) => {
        /// 2108.
        ///
        /// # Safety
        /// `db` is null or a database.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            db: *mut FDBDatabase,
            _begin_key_name: *const u8,
            _begin_key_name_length: c_int,
            _end_key_name: *const u8,
            _end_key_name_length: c_int,
            $($argument: $type,)*
        ) -> *mut FDBFuture {
            // SAFETY: the caller's, as above.
            future(|| unsafe { ready(db, Err(unsupported())) })
        }
    };
}

database_range!(fdb_database_purge_blob_granules, _purge_version: i64, _force: fdb_bool_t);
database_range!(fdb_database_blobbify_range);
database_range!(fdb_database_blobbify_range_blocking);
database_range!(fdb_database_unblobbify_range);
database_range!(fdb_database_list_blobbified_ranges, _range_limit: c_int);
database_range!(fdb_database_verify_blob_range, _version: i64);
database_range!(fdb_database_flush_blob_range, _compact: fdb_bool_t, _version: i64);

/// 2108.
///
/// # Safety
/// `db` is null or a database.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_database_wait_purge_granules_complete(
    db: *mut FDBDatabase,
    _purge_key_name: *const u8,
    _purge_key_name_length: c_int,
) -> *mut FDBFuture {
    // SAFETY: the caller's, as above.
    future(|| unsafe { ready(db, Err(unsupported())) })
}

macro_rules! transaction_range {
    ($name:ident $(, $argument:ident: $type:ty)*) => {
        /// 2108.
        ///
        /// # Safety
        /// `tr` is null or a transaction.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            tr: *mut FDBTransaction,
            _begin_key_name: *const u8,
            _begin_key_name_length: c_int,
            _end_key_name: *const u8,
            _end_key_name_length: c_int,
            $($argument: $type,)*
        ) -> *mut FDBFuture {
            future(|| {
                // SAFETY: the caller's, as above.
                unsafe { FDBTransaction::inside(tr) }?;
                Err(unsupported())
            })
        }
    };
}

transaction_range!(fdb_transaction_get_blob_granule_ranges, _range_limit: c_int);
transaction_range!(fdb_transaction_summarize_blob_granules, _summary_version: i64, _range_limit: c_int);
transaction_range!(
    fdb_transaction_read_blob_granules_description,
    _begin_version: i64,
    _read_version: i64,
    _read_version_out: *mut i64
);

/// A result that holds 2108.
///
/// # Safety
/// `tr` is null or a transaction.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_read_blob_granules(
    _tr: *mut FDBTransaction,
    _begin_key_name: *const u8,
    _begin_key_name_length: c_int,
    _end_key_name: *const u8,
    _end_key_name_length: c_int,
    _begin_version: i64,
    _read_version: i64,
    _granule_context: FDBReadBlobGranuleContext,
) -> *mut FDBResult {
    FDBResult::give(FailedResult::UNSUPPORTED)
}

/// A result that holds 2108.
///
/// # Safety
/// Nothing is read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_readbg_parse_snapshot_file(
    _file_data: *const u8,
    _file_len: c_int,
    _tenant_prefix: *const c_void,
    _encryption_ctx: *const c_void,
) -> *mut FDBResult {
    FDBResult::give(FailedResult::UNSUPPORTED)
}

/// A result that holds 2108.
///
/// # Safety
/// Nothing is read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_readbg_parse_delta_file(
    _file_data: *const u8,
    _file_len: c_int,
    _tenant_prefix: *const c_void,
    _encryption_ctx: *const c_void,
) -> *mut FDBResult {
    FDBResult::give(FailedResult::UNSUPPORTED)
}

/// An error: there are no granules.
///
/// # Safety
/// `f` is null or a future, the others are null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_future_readbg_get_descriptions(
    f: *mut FDBFuture,
    out: *mut *const FDBBGFileDescription,
    desc_count: *mut c_int,
) -> fdb_error_t {
    let mut no_more = 0;
    // SAFETY: the caller's, as above.
    unsafe { no_array(f, out, desc_count, &raw mut no_more) }
}

/// Ends a result.
///
/// # Safety
/// `r` is null or a result that is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_result_destroy(r: *mut FDBResult) {
    // SAFETY: the caller's, as above.
    let _ended = unsafe { FDBResult::take(r) };
}

/// The error that the result holds.
///
/// # Safety
/// `r` is null or a result, the others are null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_result_get_keyvalue_array(
    r: *mut FDBResult,
    _out_kv: *mut *const FDBKeyValue,
    out_count: *mut c_int,
    _out_more: *mut fdb_bool_t,
) -> fdb_error_t {
    // SAFETY: the caller's, as above.
    unsafe { error_of(r, out_count) }
}

/// The error that the result holds.
///
/// # Safety
/// `r` is null or a result, the others are null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_result_get_bg_mutations_array(
    r: *mut FDBResult,
    _out_mutations: *mut *const FDBBGMutation,
    out_count: *mut c_int,
) -> fdb_error_t {
    // SAFETY: the caller's, as above.
    unsafe { error_of(r, out_count) }
}

/// # Safety
/// `r` is null or a result, `out_count` is null or writable.
unsafe fn error_of(r: *mut FDBResult, out_count: *mut c_int) -> fdb_error_t {
    answer(|| {
        // SAFETY: the caller's, as above.
        unsafe {
            put(out_count, 0)?;
            Err(store::StoreError::new(FDBResult::inside(r)?.0))
        }
    })
}
