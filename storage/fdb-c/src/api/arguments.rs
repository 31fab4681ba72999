//! What the functions of a transaction take: a handle, and keys as pointers with their lengths.

use std::ffi::c_int;

use store::{KeyRange, StoreError, code};

use super::boundary::bytes;
use super::handles::{FDBTransaction, Handle};
use crate::transaction::TransactionHandle;

/// Bytes of C: where, and how many.
pub(super) type Pointed = (*const u8, c_int);

/// A transaction and a key; 2000 if one of them can't be.
///
/// # Safety
/// `tr` is null or a transaction; the key is readable for its length.
pub(super) unsafe fn with_key<'a>(
    tr: *mut FDBTransaction,
    key: Pointed,
) -> Result<(&'a TransactionHandle, Vec<u8>), StoreError> {
    // SAFETY: the caller's, as above.
    unsafe { Ok((FDBTransaction::inside(tr)?, bytes(key.0, key.1)?.to_vec())) }
}

/// A transaction and two keys; 2000 if one of them can't be.
///
/// # Safety
/// `tr` is null or a transaction; both keys are readable for their lengths.
pub(super) unsafe fn with_keys<'a>(
    tr: *mut FDBTransaction,
    first: Pointed,
    second: Pointed,
) -> Result<(&'a TransactionHandle, Vec<u8>, Vec<u8>), StoreError> {
    // SAFETY: the caller's, as above.
    let (transaction, first) = unsafe { with_key(tr, first) }?;
    // SAFETY: the caller's, as above.
    let second = unsafe { bytes(second.0, second.1) }?.to_vec();
    Ok((transaction, first, second))
}

/// A transaction and a range; 2005 if it is inverted.
///
/// # Safety
/// As for [`with_keys`].
pub(super) unsafe fn with_range<'a>(
    tr: *mut FDBTransaction,
    begin: Pointed,
    end: Pointed,
) -> Result<(&'a TransactionHandle, KeyRange), StoreError> {
    // SAFETY: the caller's, as above.
    let (transaction, begin, end) = unsafe { with_keys(tr, begin, end) }?;
    match begin <= end {
        true => Ok((transaction, KeyRange { begin, end })),
        false => Err(StoreError::new(code::INVERTED_RANGE)),
    }
}
