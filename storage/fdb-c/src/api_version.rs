//! The API version that a program selects, once, before anything else.

use std::sync::atomic::{AtomicI32, Ordering};

use store::StoreError;

use crate::errors::code;

/// The newest: that of `fdb_c.h` in FoundationDB 7.3.
pub(crate) const API_VERSION_MAX: i32 = 730;

/// The oldest. Below it some functions have other signatures.
pub(crate) const API_VERSION_MIN: i32 = 200;

static SELECTED: AtomicI32 = AtomicI32::new(0);

/// Selects `runtime` for a program that was compiled with a header of version `header`.
pub(crate) fn select(runtime: i32, header: i32) -> Result<(), StoreError> {
    if selected() != 0 {
        return Err(StoreError::new(code::API_VERSION_ALREADY_SET));
    }
    if runtime > header {
        return Err(StoreError::new(code::API_VERSION_INVALID));
    }
    if header > API_VERSION_MAX || runtime < API_VERSION_MIN {
        return Err(StoreError::new(code::API_VERSION_NOT_SUPPORTED));
    }
    SELECTED
        .compare_exchange(0, runtime, Ordering::AcqRel, Ordering::Acquire)
        .map(drop)
        .map_err(|_| StoreError::new(code::API_VERSION_ALREADY_SET))
}

/// The version that was selected; 0 before.
pub(crate) fn selected() -> i32 {
    SELECTED.load(Ordering::Acquire)
}

/// Whether the program asked for the behaviour of `version` or a later one.
pub(crate) fn is_at_least(version: i32) -> bool {
    selected() >= version
}
