//! Transactions: reads of ranges.

use std::ffi::c_int;

use super::arguments::{with_keys, with_range};
use super::boundary::{bytes, future};
use super::fdb_bool_t;
use super::handles::{FDBFuture, FDBTransaction};
use super::transaction_read::selector;
use crate::transaction::RangeLimits;

/// One page of the rows between two selectors.
///
/// # Safety
/// `tr` is null or a transaction; both keys are readable for their lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_get_range(
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
    target_bytes: c_int,
    mode: c_int,
    iteration: c_int,
    snapshot: fdb_bool_t,
    reverse: fdb_bool_t,
) -> *mut FDBFuture {
    future(|| {
        // SAFETY: the caller's, as above.
        let (transaction, begin, end) = unsafe {
            with_keys(
                tr,
                (begin_key_name, begin_key_name_length),
                (end_key_name, end_key_name_length),
            )
        }?;
        let begin = selector(begin, begin_or_equal, begin_offset);
        let end = selector(end, end_or_equal, end_offset);
        let limits = RangeLimits::of(limit, target_bytes, mode, iteration)?;
        Ok(transaction.ask(move |transaction| {
            transaction.get_range(begin, end, limits, snapshot != 0, reverse != 0)
        }))
    })
}

/// One page of the rows between two selectors, each with the rows that `mapper` makes of it.
///
/// # Safety
/// `tr` is null or a transaction; the keys and the mapper are readable for their lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_get_mapped_range(
    tr: *mut FDBTransaction,
    begin_key_name: *const u8,
    begin_key_name_length: c_int,
    begin_or_equal: fdb_bool_t,
    begin_offset: c_int,
    end_key_name: *const u8,
    end_key_name_length: c_int,
    end_or_equal: fdb_bool_t,
    end_offset: c_int,
    mapper_name: *const u8,
    mapper_name_length: c_int,
    limit: c_int,
    target_bytes: c_int,
    mode: c_int,
    iteration: c_int,
    snapshot: fdb_bool_t,
    reverse: fdb_bool_t,
) -> *mut FDBFuture {
    future(|| {
        // SAFETY: the caller's, as above.
        let (transaction, begin, end) = unsafe {
            with_keys(
                tr,
                (begin_key_name, begin_key_name_length),
                (end_key_name, end_key_name_length),
            )
        }?;
        // SAFETY: the caller's, as above.
        let mapper = unsafe { bytes(mapper_name, mapper_name_length) }?.to_vec();
        let begin = selector(begin, begin_or_equal, begin_offset);
        let end = selector(end, end_or_equal, end_offset);
        let limits = RangeLimits::of(limit, target_bytes, mode, iteration)?;
        Ok(transaction.ask(move |transaction| {
            transaction.get_mapped_range((begin, end), mapper, limits, snapshot != 0, reverse != 0)
        }))
    })
}

/// How many bytes a range takes.
///
/// # Safety
/// `tr` is null or a transaction; both keys are readable for their lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_get_estimated_range_size_bytes(
    tr: *mut FDBTransaction,
    begin_key_name: *const u8,
    begin_key_name_length: c_int,
    end_key_name: *const u8,
    end_key_name_length: c_int,
) -> *mut FDBFuture {
    future(|| {
        // SAFETY: the caller's, as above.
        let (transaction, range) = unsafe {
            with_range(
                tr,
                (begin_key_name, begin_key_name_length),
                (end_key_name, end_key_name_length),
            )
        }?;
        Ok(transaction.ask(move |transaction| transaction.size_of(range)))
    })
}

/// Keys that cut a range into chunks of about `chunk_size` bytes.
///
/// # Safety
/// `tr` is null or a transaction; both keys are readable for their lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_get_range_split_points(
    tr: *mut FDBTransaction,
    begin_key_name: *const u8,
    begin_key_name_length: c_int,
    end_key_name: *const u8,
    end_key_name_length: c_int,
    chunk_size: i64,
) -> *mut FDBFuture {
    future(|| {
        // SAFETY: the caller's, as above.
        let (transaction, range) = unsafe {
            with_range(
                tr,
                (begin_key_name, begin_key_name_length),
                (end_key_name, end_key_name_length),
            )
        }?;
        Ok(transaction.ask(move |transaction| transaction.split_points(range, chunk_size)))
    })
}
