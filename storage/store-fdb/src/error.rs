//! FoundationDB's errors as the store's: every number is kept.

use foundationdb::FdbError;
use store::StoreError;

/// The error by its number. What `store` has no name for gets the library's words.
pub(crate) fn store_error(error: FdbError) -> StoreError {
    let known = StoreError::new(error.code());
    if known.is_named() {
        known
    } else {
        StoreError::with_context(error.code(), error.message())
    }
}
