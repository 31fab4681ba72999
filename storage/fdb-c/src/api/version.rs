//! Which API, and what its numbers mean.

use std::ffi::{c_char, c_int};

use super::boundary::{answer, truth};
use super::{fdb_bool_t, fdb_error_t};
use crate::{api_version, errors};

/// What `code` means, in English. The string is there for ever.
#[unsafe(no_mangle)]
pub extern "C" fn fdb_get_error(code: fdb_error_t) -> *const c_char {
    errors::text(code).as_ptr()
}

/// Whether `code` is retryable (50000), maybe committed (50001), or retryable and not committed (50002).
#[unsafe(no_mangle)]
pub extern "C" fn fdb_error_predicate(predicate_test: c_int, code: fdb_error_t) -> fdb_bool_t {
    truth(errors::predicate(predicate_test, code))
}

/// Selects the API version, once and first of all: 200 to 730, and not above the header's.
#[unsafe(no_mangle)]
pub extern "C" fn fdb_select_api_version_impl(
    runtime_version: c_int,
    header_version: c_int,
) -> fdb_error_t {
    answer(|| api_version::select(runtime_version, header_version))
}

/// The newest API version: 730.
#[unsafe(no_mangle)]
pub extern "C" fn fdb_get_max_api_version() -> c_int {
    api_version::API_VERSION_MAX
}

/// Release, source and protocol. The protocol is 7.3's; the source says that this is another client.
#[unsafe(no_mangle)]
pub extern "C" fn fdb_get_client_version() -> *const c_char {
    c"7.3.79,fdb-c,fdb00b073000000".as_ptr()
}
