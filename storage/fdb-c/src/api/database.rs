//! Databases.

use std::ffi::{c_char, c_int};
use std::sync::Arc;

use store::StoreError;

use super::boundary::{answer, answer_aloud, bytes, future, optional, put, quietly, string};
use super::handles::{FDBDatabase, FDBFuture, FDBTenant, FDBTransaction, Handle};
use super::{fdb_bool_t, fdb_error_t};
use crate::database::Database;
use crate::errors::code;
use crate::future::{FutureCell, FutureValue};
use crate::network;
use crate::place::Place;

/// The protocol version of 7.3, with the flag that clients set.
const PROTOCOL_VERSION: u64 = 0x0FDB_00B0_7300_0000;

/// Opens a database: `embedded:DIR`, `memory`, `memory:NAME`, a directory, or a file that holds one of the
/// first three. What is wrong is also said on standard error.
///
/// # Safety
/// `cluster_file_path` is null or a string, `out_database` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_create_database(
    cluster_file_path: *const c_char,
    out_database: *mut *mut FDBDatabase,
) -> fdb_error_t {
    answer_aloud(|| {
        // SAFETY: the caller's, as above.
        let place = Place::of_path(unsafe { string(cluster_file_path) })?;
        // SAFETY: the caller's, as above.
        unsafe { put(out_database, FDBDatabase::give(Database::open(place)?)) }
    })
}

/// Opens a database by what a cluster file may hold.
///
/// # Safety
/// `connection_string` is null or a string, `out_database` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_create_database_from_connection_string(
    connection_string: *const c_char,
    out_database: *mut *mut FDBDatabase,
) -> fdb_error_t {
    answer_aloud(|| {
        // SAFETY: the caller's, as above.
        let text = unsafe { string(connection_string) }.to_string_lossy();
        let database = Database::open(Place::of_connection_string(&text)?)?;
        // SAFETY: the caller's, as above.
        unsafe { put(out_database, FDBDatabase::give(database)) }
    })
}

/// Ends a database. The store is closed once its transactions have ended too.
///
/// # Safety
/// `d` is null or a database that is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_database_destroy(d: *mut FDBDatabase) {
    quietly(|| {
        // SAFETY: the caller's, as above.
        drop(unsafe { FDBDatabase::take(d) });
        Ok(())
    });
}

/// Sets an option of a database, or a default of its transactions.
///
/// # Safety
/// `d` is null or a database; `value` is null or readable for `value_length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_database_set_option(
    d: *mut FDBDatabase,
    option: c_int,
    value: *const u8,
    value_length: c_int,
) -> fdb_error_t {
    answer(|| {
        // SAFETY: the caller's, as above.
        let (database, value) =
            unsafe { (FDBDatabase::inside(d)?, optional(value, value_length)?) };
        database.set_option(option, value)
    })
}

/// Opens a tenant. There are none here: what is asked of it answers 2136.
///
/// # Safety
/// `d` is null or a database; `tenant_name` is readable for its length; `out_tenant` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_database_open_tenant(
    d: *mut FDBDatabase,
    tenant_name: *const u8,
    tenant_name_length: c_int,
    out_tenant: *mut *mut FDBTenant,
) -> fdb_error_t {
    answer(|| {
        // SAFETY: the caller's, as above.
        unsafe {
            bytes(tenant_name, tenant_name_length)?;
            put(
                out_tenant,
                FDBTenant::give(Arc::clone(FDBDatabase::inside(d)?)),
            )
        }
    })
}

/// Begins a transaction.
///
/// # Safety
/// `d` is null or a database; `out_transaction` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_database_create_transaction(
    d: *mut FDBDatabase,
    out_transaction: *mut *mut FDBTransaction,
) -> fdb_error_t {
    answer(|| {
        // SAFETY: the caller's, as above.
        let transaction = unsafe { FDBDatabase::inside(d) }?.begin();
        // SAFETY: the caller's, as above.
        unsafe { put(out_transaction, FDBTransaction::give(transaction)) }
    })
}

/// There is no worker: the answer is 0, as for an address that FoundationDB does not know.
///
/// # Safety
/// `db` is null or a database.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_database_reboot_worker(
    db: *mut FDBDatabase,
    _address: *const u8,
    _address_length: c_int,
    _check: fdb_bool_t,
    _duration: c_int,
) -> *mut FDBFuture {
    // SAFETY: the caller's, as above.
    future(|| unsafe { ready(db, Ok(FutureValue::Int64(0))) })
}

/// 2108: there is nothing to recover.
///
/// # Safety
/// `db` is null or a database.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_database_force_recovery_with_data_loss(
    db: *mut FDBDatabase,
    _dcid: *const u8,
    _dcid_length: c_int,
) -> *mut FDBFuture {
    // SAFETY: the caller's, as above.
    future(|| unsafe { ready(db, Err(unsupported())) })
}

/// 2108: copy the directory while it is not open.
///
/// # Safety
/// `db` is null or a database.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_database_create_snapshot(
    db: *mut FDBDatabase,
    _uid: *const u8,
    _uid_length: c_int,
    _snap_command: *const u8,
    _snap_command_length: c_int,
) -> *mut FDBFuture {
    // SAFETY: the caller's, as above.
    future(|| unsafe { ready(db, Err(unsupported())) })
}

/// How busy the network thread was in the last second, from 0 to 1.
///
/// # Safety
/// `db` is null or a database.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_database_get_main_thread_busyness(_db: *mut FDBDatabase) -> f64 {
    network::busyness()
}

/// The protocol version, 7.3's. If it is the expected one it never changes, and the future waits.
///
/// # Safety
/// `db` is null or a database.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_database_get_server_protocol(
    db: *mut FDBDatabase,
    expected_version: u64,
) -> *mut FDBFuture {
    if expected_version == PROTOCOL_VERSION {
        return FDBFuture::give(Arc::new(FutureCell::default()));
    }
    // SAFETY: the caller's, as above.
    future(|| unsafe { ready(db, Ok(FutureValue::Uint64(PROTOCOL_VERSION))) })
}

/// The state of the client as JSON.
///
/// # Safety
/// `db` is null or a database.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_database_get_client_status(db: *mut FDBDatabase) -> *mut FDBFuture {
    future(|| {
        // SAFETY: the caller's, as above.
        let database = unsafe { FDBDatabase::inside(db) }?;
        let status = crate::special::client_status(database);
        Ok(Arc::new(FutureCell::ready(Ok(FutureValue::Key(status)))))
    })
}

/// # Safety
/// `db` is null or a database.
pub(super) unsafe fn ready(
    db: *mut FDBDatabase,
    outcome: Result<FutureValue, StoreError>,
) -> Result<Arc<FutureCell>, StoreError> {
    // SAFETY: the caller's, as above.
    unsafe { FDBDatabase::inside(db) }?;
    Ok(Arc::new(FutureCell::ready(outcome)))
}

pub(super) fn unsupported() -> StoreError {
    StoreError::new(code::UNSUPPORTED_OPERATION)
}
