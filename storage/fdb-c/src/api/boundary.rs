//! The way in and out: arguments are checked and copied, results and panics become numbers.

use std::ffi::{CStr, OsStr, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use store::{StoreError, code};

use super::handles::FDBFuture;
use super::{fdb_bool_t, fdb_error_t};
use crate::errors;
use crate::future::FutureCell;

/// The number of what `call` returns.
pub(super) fn answer(call: impl FnOnce() -> Result<(), StoreError>) -> fdb_error_t {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(())) => 0,
        Ok(Err(error)) => error.code(),
        Err(_) => errors::code::INTERNAL_ERROR,
    }
}

/// As [`answer`], and says on standard error what is wrong: for what an operator has to mend.
pub(super) fn answer_aloud(call: impl FnOnce() -> Result<(), StoreError>) -> fdb_error_t {
    answer(|| {
        call().inspect_err(|error| {
            if let Some(context) = error.context() {
                #[allow(clippy::print_stderr, reason = "the API has no other way to say it")]
                {
                    eprintln!("libfdb_c (fdb-c): error {}: {context}", error.code());
                }
            }
        })
    })
}

/// The future that `call` returns; one that is ready with the error, if it fails.
pub(super) fn future(call: impl FnOnce() -> Result<Arc<FutureCell>, StoreError>) -> *mut FDBFuture {
    let failed = |error| Arc::new(FutureCell::ready(Err(error)));
    FDBFuture::give(match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(cell)) => cell,
        Ok(Err(error)) => failed(error),
        Err(_) => failed(StoreError::new(errors::code::INTERNAL_ERROR)),
    })
}

/// Does `call`, which has nobody to tell of an error.
pub(super) fn quietly(call: impl FnOnce() -> Result<(), StoreError>) {
    drop(catch_unwind(AssertUnwindSafe(call)));
}

/// The bytes at `pointer`; 2000 if there can be none.
///
/// # Safety
/// `pointer` is null or readable for `length` bytes, for as long as the result is used.
pub(super) unsafe fn bytes<'a>(pointer: *const u8, length: c_int) -> Result<&'a [u8], StoreError> {
    let length = usize::try_from(length).map_err(|_| misuse("a negative length"))?;
    match (pointer.is_null(), length) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(misuse("a null pointer with a length")),
        // SAFETY: not null, and readable for `length` bytes by the contract.
        (false, _) => Ok(unsafe { std::slice::from_raw_parts(pointer, length) }),
    }
}

/// An option's value: none for null.
///
/// # Safety
/// As for [`bytes`].
pub(super) unsafe fn optional<'a>(
    pointer: *const u8,
    length: c_int,
) -> Result<Option<&'a [u8]>, StoreError> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: by the contract.
    unsafe { bytes(pointer, length) }.map(Some)
}

/// A string of C; the empty one for null.
///
/// # Safety
/// `pointer` is null or leads to a string that ends in a zero, for as long as the result is used.
pub(super) unsafe fn string<'a>(pointer: *const c_char) -> &'a OsStr {
    if pointer.is_null() {
        return OsStr::new("");
    }
    // SAFETY: by the contract.
    OsStr::from_bytes(unsafe { CStr::from_ptr(pointer) }.to_bytes())
}

/// Writes `value` where `out` points; 2000 for null.
///
/// # Safety
/// `out` is null or writable.
pub(super) unsafe fn put<T>(out: *mut T, value: T) -> Result<(), StoreError> {
    if out.is_null() {
        return Err(misuse("a null pointer for a result"));
    }
    // SAFETY: not null, and writable by the contract. C does not promise alignment of packed fields.
    unsafe { out.write_unaligned(value) };
    Ok(())
}

/// A truth as C has it.
pub(super) fn truth(value: bool) -> fdb_bool_t {
    fdb_bool_t::from(value)
}

fn misuse(what: &'static str) -> StoreError {
    StoreError::with_context(code::CLIENT_INVALID_OPERATION, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr;

    #[test]
    fn a_panic_is_a_number() {
        assert_eq!(
            answer(|| panic!("on purpose")),
            errors::code::INTERNAL_ERROR
        );
        quietly(|| panic!("on purpose"));
        let failed = future(|| panic!("on purpose"));
        // SAFETY: the future was just made.
        let cell = unsafe { FDBFuture::take(failed) }.expect("not null");
        assert_eq!(cell.error(), errors::code::INTERNAL_ERROR);
    }

    #[test]
    fn pointers_are_checked() {
        // SAFETY: null is checked, the slice is readable.
        unsafe {
            assert_eq!(bytes(ptr::null(), 0).expect("nothing"), b"");
            assert_eq!(bytes(b"ab".as_ptr(), 2).expect("two bytes"), b"ab");
            assert_eq!(
                bytes(ptr::null(), 1).map_err(|error| error.code()),
                Err(2000)
            );
            assert_eq!(
                bytes(b"ab".as_ptr(), -1).map_err(|error| error.code()),
                Err(2000)
            );
            assert_eq!(optional(ptr::null(), 5).expect("nothing"), None);
            assert_eq!(string(ptr::null()), "");
            assert_eq!(
                put(ptr::null_mut::<i32>(), 1).map_err(|error| error.code()),
                Err(2000)
            );
        }
    }
}
