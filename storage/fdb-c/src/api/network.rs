//! The network: options, thread, end.

use std::ffi::{c_int, c_void};

use super::boundary::{answer, optional};
use super::fdb_error_t;
use crate::network::{self, Hook};
use crate::options::set_network_option;

/// Takes an option of the network; 2007 or 2006 for what is none. Most have no effect: there is no network.
///
/// # Safety
/// `value` is null or readable for `value_length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_network_set_option(
    option: c_int,
    value: *const u8,
    value_length: c_int,
) -> fdb_error_t {
    answer(|| {
        // SAFETY: the caller's, as above.
        let value = unsafe { optional(value, value_length) }?;
        set_network_option(option, value)
    })
}

/// Goes once, before anything but options; 2009 the second time.
#[unsafe(no_mangle)]
pub extern "C" fn fdb_setup_network() -> fdb_error_t {
    answer(network::set_up)
}

/// Is the network thread, until [`fdb_stop_network`]. Goes once (2025), after [`fdb_setup_network`] (2008).
#[unsafe(no_mangle)]
pub extern "C" fn fdb_run_network() -> fdb_error_t {
    answer(network::run)
}

/// Ends [`fdb_run_network`]. What is under way then fails with 1101.
#[unsafe(no_mangle)]
pub extern "C" fn fdb_stop_network() -> fdb_error_t {
    answer(network::stop)
}

/// Has `hook` called on the network thread at its end.
///
/// # Safety
/// `hook` may be called with `hook_parameter` on another thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_add_network_thread_completion_hook(
    hook: Option<extern "C" fn(*mut c_void)>,
    hook_parameter: *mut c_void,
) -> fdb_error_t {
    answer(|| match hook {
        Some(function) => network::add_hook(Hook {
            function,
            parameter: hook_parameter,
        }),
        None => Err(store::StoreError::new(
            store::code::CLIENT_INVALID_OPERATION,
        )),
    })
}
