//! `FDBFuture`: a value to come, or an error, and who waits for it.

mod arrays;
mod mapped;
mod value;

use std::ffi::c_void;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use store::StoreError;

use crate::api::FDBFuture;
use crate::errors::code;
use crate::network;

pub use arrays::{FDBKey, FDBKeyRange, FDBKeyValue};
pub(crate) use arrays::{KeyArray, RowArray, StringArray, length};
pub use mapped::{FDBGetRangeReqAndResult, FDBKeySelector, FDBMappedKeyValue};
pub(crate) use mapped::{MappedRow, MappedRowArray};
pub(crate) use value::FutureValue;

/// A function of C that hears when a future is ready.
pub(crate) struct Callback {
    pub(crate) function: extern "C" fn(*mut FDBFuture, *mut c_void),
    /// The pointer by which C knows the future.
    pub(crate) future: *mut FDBFuture,
    pub(crate) parameter: *mut c_void,
}

// SAFETY: both pointers are handed back to the binding as they came, and the C API documents that callbacks
// run on the network thread.
unsafe impl Send for Callback {}

impl Callback {
    fn call(self) {
        (self.function)(self.future, self.parameter);
    }
}

/// What an `FDBFuture` points to.
#[derive(Default)]
pub(crate) struct FutureCell {
    state: Mutex<State>,
    ready: Condvar,
    /// The task that works on it; 0 for none.
    task: AtomicU64,
}

#[derive(Default)]
struct State {
    outcome: Option<Result<FutureValue, i32>>,
    callbacks: Vec<Callback>,
    /// How often the value was handed out and not yet given back.
    borrowed: i32,
}

impl FutureCell {
    /// A future that is ready.
    pub(crate) fn ready(outcome: Result<FutureValue, StoreError>) -> Self {
        let cell = Self::default();
        cell.settle(outcome.map_err(|error| error.code()));
        cell
    }

    /// Makes it ready, unless it is; calls those who wait.
    pub(crate) fn settle(&self, outcome: Result<FutureValue, i32>) {
        let mut state = self.lock();
        if state.outcome.is_some() {
            return;
        }
        state.outcome = Some(outcome);
        let callbacks = std::mem::take(&mut state.callbacks);
        drop(state);
        self.ready.notify_all();
        callbacks.into_iter().for_each(Callback::call);
    }

    pub(crate) fn set_task(&self, task: u64) {
        self.task.store(task, Ordering::Release);
    }

    /// The task that works on it; none before it has begun.
    pub(crate) fn task(&self) -> Option<u64> {
        match self.task.load(Ordering::Acquire) {
            0 => None,
            task => Some(task),
        }
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.lock().outcome.is_some()
    }

    /// Calls `callback` once it is ready: now and here, if it is.
    pub(crate) fn on_ready(&self, callback: Callback) {
        let mut state = self.lock();
        if state.outcome.is_none() {
            state.callbacks.push(callback);
            return;
        }
        drop(state);
        callback.call();
    }

    /// Waits until it is ready; 2026 on the network thread, which would wait for itself.
    pub(crate) fn block_until_ready(&self) -> Result<(), StoreError> {
        let mut state = self.lock();
        if state.outcome.is_none() && network::is_network_thread() {
            return Err(StoreError::new(code::BLOCKED_FROM_NETWORK_THREAD));
        }
        while state.outcome.is_none() {
            state = self
                .ready
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Ok(())
    }

    /// The error that it holds; 0 for none, 2015 if it is not ready.
    pub(crate) fn error(&self) -> i32 {
        match &self.lock().outcome {
            None => code::FUTURE_NOT_SET,
            Some(Ok(_)) => 0,
            Some(Err(error)) => *error,
        }
    }

    /// Looks at the value. What `look` returns may point into it, until [`FutureCell::release`] or the last
    /// handle's end.
    pub(crate) fn look<T>(
        &self,
        look: impl FnOnce(&FutureValue) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut state = self.lock();
        let seen = match &state.outcome {
            None => return Err(StoreError::new(code::FUTURE_NOT_SET)),
            Some(Err(error)) => return Err(StoreError::new(*error)),
            Some(Ok(value)) => look(value)?,
        };
        state.borrowed += 1;
        Ok(seen)
    }

    /// Gives back one look's memory; with the last one the value goes, and it holds 1102 from then on.
    pub(crate) fn release(&self) {
        let mut state = self.lock();
        state.borrowed -= 1;
        if state.borrowed != 0 {
            return;
        }
        let value = match &mut state.outcome {
            Some(outcome @ Ok(_)) => Some(std::mem::replace(outcome, Err(code::FUTURE_RELEASED))),
            _ => None,
        };
        drop(state);
        drop(value);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
