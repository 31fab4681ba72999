//! Transactions: options, writes, commit.

use std::ffi::c_int;

use store::{KeyRange, StoreError, Transaction as _, code};

use super::arguments::{Pointed, with_key, with_range};
use super::boundary::{answer, bytes, future, optional, put, quietly};
use super::fdb_error_t;
use super::handles::{FDBFuture, FDBTransaction, Handle};
use crate::errors;
use crate::options::is_transaction_option;

const CONFLICT_RANGE_READ: c_int = 0;
const CONFLICT_RANGE_WRITE: c_int = 1;

/// Ends a transaction. What is under way fails with 1025; a commit that was sent may still happen.
///
/// # Safety
/// `tr` is null or a transaction that is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_destroy(tr: *mut FDBTransaction) {
    quietly(|| {
        // SAFETY: the caller's, as above.
        drop(unsafe { FDBTransaction::take(tr) });
        Ok(())
    });
}

/// Fails what is under way, and what follows until a reset, with 1025.
///
/// # Safety
/// `tr` is null or a transaction.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_cancel(tr: *mut FDBTransaction) {
    quietly(|| {
        // SAFETY: the caller's, as above.
        unsafe { FDBTransaction::inside(tr) }?.tell(|transaction| transaction.cancel());
        Ok(())
    });
}

/// Makes it as if it had just begun.
///
/// # Safety
/// `tr` is null or a transaction.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_reset(tr: *mut FDBTransaction) {
    quietly(|| {
        // SAFETY: the caller's, as above.
        unsafe { FDBTransaction::inside(tr) }?.reset();
        Ok(())
    });
}

/// Sets an option. 2007 for a number that is none; what is wrong with the value the next call that returns
/// something tells.
///
/// # Safety
/// `tr` is null or a transaction; `value` is null or readable for `value_length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_set_option(
    tr: *mut FDBTransaction,
    option: c_int,
    value: *const u8,
    value_length: c_int,
) -> fdb_error_t {
    answer(|| {
        // SAFETY: the caller's, as above.
        let (transaction, value) =
            unsafe { (FDBTransaction::inside(tr)?, optional(value, value_length)?) };
        if !is_transaction_option(option) {
            return Err(StoreError::new(errors::code::INVALID_OPTION));
        }
        let value = value.map(<[u8]>::to_vec);
        transaction.tell(move |transaction| transaction.set_option(option, value.as_deref()));
        Ok(())
    })
}

/// Reads at `version`.
///
/// # Safety
/// `tr` is null or a transaction.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_set_read_version(tr: *mut FDBTransaction, version: i64) {
    quietly(|| {
        // SAFETY: the caller's, as above.
        unsafe { FDBTransaction::inside(tr) }?
            .tell(move |transaction| transaction.set_read_version(version));
        Ok(())
    });
}

/// Does `call` with a copy of a key (and a value), or has the next call answer what is wrong with them.
///
/// # Safety
/// `tr` is null or a transaction; both pointers are readable for their lengths.
unsafe fn write(
    tr: *mut FDBTransaction,
    first: Pointed,
    second: Pointed,
    call: impl FnOnce(&crate::transaction::Transaction, Vec<u8>, Vec<u8>) + Send + 'static,
) {
    quietly(|| {
        // SAFETY: the caller's, as above.
        let transaction = unsafe { FDBTransaction::inside(tr) }?;
        // SAFETY: the caller's, as above.
        match unsafe {
            bytes(first.0, first.1).and_then(|first| Ok((first, bytes(second.0, second.1)?)))
        } {
            Ok((first, second)) => {
                let (first, second) = (first.to_vec(), second.to_vec());
                transaction.tell(move |transaction| call(transaction, first, second));
            }
            Err(error) => transaction.tell(move |transaction| transaction.session().refuse(error)),
        }
        Ok(())
    });
}

/// Sets a key.
///
/// # Safety
/// `tr` is null or a transaction; key and value are readable for their lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_set(
    tr: *mut FDBTransaction,
    key_name: *const u8,
    key_name_length: c_int,
    value: *const u8,
    value_length: c_int,
) {
    // SAFETY: the caller's, as above.
    unsafe {
        write(
            tr,
            (key_name, key_name_length),
            (value, value_length),
            |transaction, key, value| {
                transaction.set(&key, &value);
            },
        );
    }
}

/// Changes a key's value at commit by an operation of `FDBMutationType`.
///
/// # Safety
/// `tr` is null or a transaction; key and operand are readable for their lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_atomic_op(
    tr: *mut FDBTransaction,
    key_name: *const u8,
    key_name_length: c_int,
    param: *const u8,
    param_length: c_int,
    operation_type: c_int,
) {
    // SAFETY: the caller's, as above.
    unsafe {
        write(
            tr,
            (key_name, key_name_length),
            (param, param_length),
            move |transaction, key, param| {
                transaction.atomic(operation_type, key, param);
            },
        );
    }
}

/// Clears a key.
///
/// # Safety
/// `tr` is null or a transaction; the key is readable for its length.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_clear(
    tr: *mut FDBTransaction,
    key_name: *const u8,
    key_name_length: c_int,
) {
    let nothing = (std::ptr::null(), 0);
    // SAFETY: the caller's, as above.
    unsafe {
        write(
            tr,
            (key_name, key_name_length),
            nothing,
            |transaction, key, _| transaction.clear(&key),
        )
    }
}

/// Clears a range of keys.
///
/// # Safety
/// `tr` is null or a transaction; both keys are readable for their lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_clear_range(
    tr: *mut FDBTransaction,
    begin_key_name: *const u8,
    begin_key_name_length: c_int,
    end_key_name: *const u8,
    end_key_name_length: c_int,
) {
    // SAFETY: the caller's, as above.
    unsafe {
        write(
            tr,
            (begin_key_name, begin_key_name_length),
            (end_key_name, end_key_name_length),
            |transaction, begin, end| transaction.clear_range(&KeyRange { begin, end }),
        );
    }
}

/// Adds to what the commit conflicts on (0), or to what others conflict with it on (1). 2005 if inverted.
///
/// # Safety
/// `tr` is null or a transaction; both keys are readable for their lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_add_conflict_range(
    tr: *mut FDBTransaction,
    begin_key_name: *const u8,
    begin_key_name_length: c_int,
    end_key_name: *const u8,
    end_key_name_length: c_int,
    conflict_type: c_int,
) -> fdb_error_t {
    answer(|| {
        // SAFETY: the caller's, as above.
        let (transaction, range) = unsafe {
            with_range(
                tr,
                (begin_key_name, begin_key_name_length),
                (end_key_name, end_key_name_length),
            )
        }?;
        match conflict_type {
            CONFLICT_RANGE_READ => {
                transaction
                    .tell(move |transaction| transaction.session().add_read_conflict_range(&range));
            }
            CONFLICT_RANGE_WRITE => {
                transaction.tell(move |transaction| {
                    transaction.session().add_write_conflict_range(&range)
                });
            }
            _ => return Err(StoreError::new(code::CLIENT_INVALID_OPERATION)),
        }
        Ok(())
    })
}

/// Commits.
///
/// # Safety
/// `tr` is null or a transaction.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_commit(tr: *mut FDBTransaction) -> *mut FDBFuture {
    // SAFETY: the caller's, as above.
    future(|| Ok(unsafe { FDBTransaction::inside(tr) }?.ask(|transaction| transaction.commit())))
}

/// The version of the commit; -1 before it, and if nothing was written.
///
/// # Safety
/// `tr` is null or a transaction; `out_version` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_get_committed_version(
    tr: *mut FDBTransaction,
    out_version: *mut i64,
) -> fdb_error_t {
    // SAFETY: the caller's, as above.
    answer(|| unsafe { put(out_version, FDBTransaction::inside(tr)?.committed_version()) })
}

/// The versionstamp of the commit that follows: to be asked for before.
///
/// # Safety
/// `tr` is null or a transaction.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_get_versionstamp(
    tr: *mut FDBTransaction,
) -> *mut FDBFuture {
    // SAFETY: the caller's, as above.
    future(|| Ok(unsafe { FDBTransaction::inside(tr) }?.versionstamp()))
}

/// Starts anew after a retryable error, once its back-off has passed; else the error comes back.
///
/// # Safety
/// `tr` is null or a transaction.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_on_error(
    tr: *mut FDBTransaction,
    error: fdb_error_t,
) -> *mut FDBFuture {
    // SAFETY: the caller's, as above.
    future(|| {
        Ok(unsafe { FDBTransaction::inside(tr) }?
            .ask(move |transaction| transaction.on_error(error)))
    })
}

/// Ready once a key's value is another one than this transaction saw.
///
/// # Safety
/// `tr` is null or a transaction; the key is readable for its length.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_transaction_watch(
    tr: *mut FDBTransaction,
    key_name: *const u8,
    key_name_length: c_int,
) -> *mut FDBFuture {
    future(|| {
        // SAFETY: the caller's, as above.
        let (transaction, key) = unsafe { with_key(tr, (key_name, key_name_length)) }?;
        Ok(transaction.ask(move |transaction| transaction.watch(key)))
    })
}
