//! Functions that newer headers left out, for programs of API versions from 200 on.

use std::ffi::{c_char, c_int};
use std::sync::Arc;

use store::StoreError;

use super::boundary::{answer, bytes, future, put, string, truth};
use super::handles::{FDBCluster, FDBDatabase, FDBFuture, FDBTransaction, Handle};
use super::{fdb_bool_t, fdb_error_t};
use crate::database::Database;
use crate::errors::code;
use crate::future::{FutureCell, FutureValue};
use crate::place::Place;

/// Before 620: a version, as [`super::fdb_future_get_int64`].
///
/// # Safety
/// `f` is null or a future; `out_version` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_future_get_version(
    f: *mut FDBFuture,
    out_version: *mut i64,
) -> fdb_error_t {
    // SAFETY: the caller's, as above.
    unsafe { super::fdb_future_get_int64(f, out_version) }
}

/// Before 23: whether it is ready and holds an error.
///
/// # Safety
/// `f` is null or a future.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_future_is_error(f: *mut FDBFuture) -> fdb_bool_t {
    // SAFETY: the caller's, as above.
    let error = unsafe { super::fdb_future_get_error(f) };
    truth(!matches!(error, 0 | code::FUTURE_NOT_SET))
}

/// Before 610: the first step to a database.
///
/// # Safety
/// `cluster_file_path` is null or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_create_cluster(cluster_file_path: *const c_char) -> *mut FDBFuture {
    future(|| {
        // SAFETY: the caller's, as above.
        let path = unsafe { string(cluster_file_path) }
            .to_string_lossy()
            .into_owned();
        Ok(Arc::new(FutureCell::ready(Ok(FutureValue::Cluster(path)))))
    })
}

/// Before 610: what [`fdb_create_cluster`] made.
///
/// # Safety
/// `f` is null or a future; `out_cluster` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_future_get_cluster(
    f: *mut FDBFuture,
    out_cluster: *mut *mut FDBCluster,
) -> fdb_error_t {
    answer(|| {
        let look_at = |value: &FutureValue| match value {
            FutureValue::Cluster(path) => Ok(path.clone()),
            _ => Err(FutureValue::mistaken()),
        };
        // SAFETY: the caller's, as above.
        unsafe {
            put(
                out_cluster,
                FDBCluster::give(FDBFuture::inside(f)?.look(look_at)?),
            )
        }
    })
}

/// Before 610: there are no options of clusters.
///
/// # Safety
/// Nothing is read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_cluster_set_option(
    _c: *mut FDBCluster,
    _option: c_int,
    _value: *const u8,
    _value_length: c_int,
) -> fdb_error_t {
    0
}

/// Before 610: ends what [`fdb_create_cluster`] made.
///
/// # Safety
/// `c` is null or a cluster that is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_cluster_destroy(c: *mut FDBCluster) {
    // SAFETY: the caller's, as above.
    drop(unsafe { FDBCluster::take(c) });
}

/// Before 610: the second step to a database, which must be called `DB` (2013).
///
/// # Safety
/// `c` is null or a cluster; the name is readable for its length.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_cluster_create_database(
    c: *mut FDBCluster,
    db_name: *const u8,
    db_name_length: c_int,
) -> *mut FDBFuture {
    future(|| {
        // SAFETY: the caller's, as above.
        let (path, name) = unsafe { (FDBCluster::inside(c)?, bytes(db_name, db_name_length)?) };
        if name != b"DB" {
            return Err(StoreError::new(code::INVALID_DATABASE_NAME));
        }
        let database = Database::open(Place::of_path(path.as_ref())?)?;
        Ok(Arc::new(FutureCell::ready(Ok(FutureValue::Database(
            database,
        )))))
    })
}

/// Before 610: what [`fdb_cluster_create_database`] opened.
///
/// # Safety
/// `f` is null or a future; `out_database` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_future_get_database(
    f: *mut FDBFuture,
    out_database: *mut *mut FDBDatabase,
) -> fdb_error_t {
    answer(|| {
        let look_at = |value: &FutureValue| match value {
            FutureValue::Database(database) => Ok(Arc::clone(database)),
            _ => Err(FutureValue::mistaken()),
        };
        // SAFETY: the caller's, as above.
        unsafe {
            put(
                out_database,
                FDBDatabase::give(FDBFuture::inside(f)?.look(look_at)?),
            )
        }
    })
}

/// Before 14: up to `limit` rows between two selectors, as one page.
///
/// # Safety
/// `tr` is null or a transaction; both keys are readable for their lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_get_range_selector(
    tr: *mut FDBTransaction,
    begin_key_name: *const u8,
    begin_key_name_length: c_int,
    begin_or_equal: fdb_bool_t,
    begin_offset: c_int,
    end_key_name: *const u8,
    end_key_name_length: c_int,
    end_or_equal: fdb_bool_t,
    end_offset: c_int,
    limit: c_int,
) -> *mut FDBFuture {
    const MODE_EXACT: c_int = 0;
    // SAFETY: the caller's, as above.
    unsafe {
        super::fdb_transaction_get_range(
            tr,
            begin_key_name,
            begin_key_name_length,
            begin_or_equal,
            begin_offset,
            end_key_name,
            end_key_name_length,
            end_or_equal,
            end_offset,
            limit,
            0,
            MODE_EXACT,
            0,
            0,
            0,
        )
    }
}
