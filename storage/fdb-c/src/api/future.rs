//! Futures: waiting, cancelling, giving back.

use std::ffi::c_void;
use std::sync::Arc;

use store::{StoreError, code};

use super::boundary::{answer, quietly, truth};
use super::handles::FDBFuture;
use super::{fdb_bool_t, fdb_error_t};
use crate::errors;
use crate::future::{Callback, FutureCell};
use crate::network;

/// Hears that a future is ready.
pub type FDBCallback = Option<extern "C" fn(*mut FDBFuture, *mut c_void)>;

/// Gives up on it: unless it is ready, it fails with 1101. A commit that was sent may still happen.
///
/// # Safety
/// `f` is null or a future.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_future_cancel(f: *mut FDBFuture) {
    quietly(|| {
        // SAFETY: the caller's, as above.
        cancel(unsafe { FDBFuture::share(f) }?);
        Ok(())
    });
}

/// Gives the value's memory back and keeps the future, which answers 1102 from then on.
///
/// # Safety
/// `f` is null or a future; what its getters returned is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_future_release_memory(f: *mut FDBFuture) {
    quietly(|| {
        // SAFETY: the caller's, as above.
        unsafe { FDBFuture::inside(f) }?.release();
        Ok(())
    });
}

/// Ends a future, ready or not. A callback that was set and not called yet hears of 1101, and may ask the future
/// for its error then.
///
/// # Safety
/// `f` is null or a future; neither it nor what its getters returned is used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_future_destroy(f: *mut FDBFuture) {
    quietly(|| {
        // SAFETY: the caller's, as above.
        if let Some(cell) = unsafe { FDBFuture::take(f) }
            && !cell.is_ready()
        {
            cancel(cell);
        }
        Ok(())
    });
}

fn cancel(cell: Arc<FutureCell>) {
    network::post(move |core| {
        if let Some(task) = cell.task() {
            core.abort(task);
        }
        cell.settle(Err(code::OPERATION_CANCELLED));
    });
}

/// Waits until it is ready. 2026 on the network thread.
///
/// # Safety
/// `f` is null or a future.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_future_block_until_ready(f: *mut FDBFuture) -> fdb_error_t {
    answer(|| {
        // SAFETY: the caller's, as above.
        unsafe { FDBFuture::inside(f) }?.block_until_ready()
    })
}

/// Whether it is ready.
///
/// # Safety
/// `f` is null or a future.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_future_is_ready(f: *mut FDBFuture) -> fdb_bool_t {
    let mut ready = false;
    quietly(|| {
        // SAFETY: the caller's, as above.
        ready = unsafe { FDBFuture::inside(f) }?.is_ready();
        Ok(())
    });
    truth(ready)
}

/// Has `callback` called once, when it is ready: on the network thread, or here and now if it is ready.
///
/// # Safety
/// `f` is null or a future; `callback` may be called with `callback_parameter` on another thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_future_set_callback(
    f: *mut FDBFuture,
    callback: FDBCallback,
    callback_parameter: *mut c_void,
) -> fdb_error_t {
    answer(|| {
        let callback = callback.ok_or_else(|| StoreError::new(code::CLIENT_INVALID_OPERATION))?;
        // SAFETY: the caller's, as above. The cell is kept: the callback may destroy the future.
        let cell = unsafe { FDBFuture::share(f) }?;
        cell.on_ready(Callback {
            function: callback,
            future: f,
            parameter: callback_parameter,
        });
        Ok(())
    })
}

/// The error that it holds; 0 for none, 2015 if it is not ready.
///
/// # Safety
/// `f` is null or a future.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdb_future_get_error(f: *mut FDBFuture) -> fdb_error_t {
    let mut number = errors::code::INTERNAL_ERROR;
    let failed = answer(|| {
        // SAFETY: the caller's, as above.
        number = unsafe { FDBFuture::inside(f) }?.error();
        Ok(())
    });
    if failed == 0 { number } else { failed }
}
