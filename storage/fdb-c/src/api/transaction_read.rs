//! Transactions: reads of single keys, and figures.

use std::ffi::c_int;

use store::KeySelector;

use super::arguments::with_key;
use super::boundary::future;
use super::fdb_bool_t;
use super::handles::{FDBFuture, FDBTransaction, Handle};
use crate::future::FutureValue;

/// The version that it reads at.
///
/// # Safety
/// `tr` is null or a transaction.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_get_read_version(
    tr: *mut FDBTransaction,
) -> *mut FDBFuture {
    // SAFETY: the caller's, as above.
    future(|| {
        Ok(unsafe { FDBTransaction::inside(tr) }?.ask(|transaction| transaction.read_version()))
    })
}

/// The value of a key.
///
/// # Safety
/// `tr` is null or a transaction; the key is readable for its length.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_get(
    tr: *mut FDBTransaction,
    key_name: *const u8,
    key_name_length: c_int,
    snapshot: fdb_bool_t,
) -> *mut FDBFuture {
    future(|| {
        // SAFETY: the caller's, as above.
        let (transaction, key) = unsafe { with_key(tr, (key_name, key_name_length)) }?;
        Ok(transaction.ask(move |transaction| transaction.get(key, snapshot != 0)))
    })
}

/// The key that a selector names.
///
/// # Safety
/// `tr` is null or a transaction; the key is readable for its length.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_get_key(
    tr: *mut FDBTransaction,
    key_name: *const u8,
    key_name_length: c_int,
    or_equal: fdb_bool_t,
    offset: c_int,
    snapshot: fdb_bool_t,
) -> *mut FDBFuture {
    future(|| {
        // SAFETY: the caller's, as above.
        let (transaction, key) = unsafe { with_key(tr, (key_name, key_name_length)) }?;
        let selector = selector(key, or_equal, offset);
        Ok(transaction.ask(move |transaction| transaction.get_key(selector, snapshot != 0)))
    })
}

/// Who stores a key.
///
/// # Safety
/// `tr` is null or a transaction; the key is readable for its length.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_get_addresses_for_key(
    tr: *mut FDBTransaction,
    key_name: *const u8,
    key_name_length: c_int,
) -> *mut FDBFuture {
    future(|| {
        // SAFETY: the caller's, as above.
        let (transaction, key) = unsafe { with_key(tr, (key_name, key_name_length)) }?;
        Ok(transaction.ask(move |transaction| transaction.addresses_of(key)))
    })
}

/// What the commit would count towards the size limit, in bytes.
///
/// # Safety
/// `tr` is null or a transaction.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_get_approximate_size(
    tr: *mut FDBTransaction,
) -> *mut FDBFuture {
    future(|| {
        // SAFETY: the caller's, as above.
        Ok(
            unsafe { FDBTransaction::inside(tr) }?.ask(|transaction| async move {
                let bytes = transaction.session().approximate_size()?;
                Ok(FutureValue::Int64(i64::try_from(bytes).unwrap_or(i64::MAX)))
            }),
        )
    })
}

/// How long tags delayed it, in seconds: nothing is throttled here, so 0.
///
/// # Safety
/// `tr` is null or a transaction.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_get_tag_throttled_duration(
    tr: *mut FDBTransaction,
) -> *mut FDBFuture {
    future(|| {
        // SAFETY: the caller's, as above.
        Ok(unsafe { FDBTransaction::inside(tr) }?.ask(|_| async { Ok(FutureValue::Double(0.0)) }))
    })
}

/// What its reads cost by the measure of throttling: bytes, rounded up to pages for each read. The cost of
/// writes is a cluster's matter.
///
/// # Safety
/// `tr` is null or a transaction.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_get_total_cost(tr: *mut FDBTransaction) -> *mut FDBFuture {
    future(|| {
        // SAFETY: the caller's, as above.
        Ok(unsafe { FDBTransaction::inside(tr) }?
            .ask(|transaction| async move { Ok(FutureValue::Int64(transaction.cost())) }))
    })
}

/// A selector of C.
pub(super) fn selector(key: Vec<u8>, or_equal: fdb_bool_t, offset: c_int) -> KeySelector {
    KeySelector {
        key,
        or_equal: or_equal != 0,
        offset,
    }
}
