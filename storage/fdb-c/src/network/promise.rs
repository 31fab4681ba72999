//! The other end of a future, on the network thread.

use std::sync::Arc;

use store::StoreError;

use crate::errors::code;
use crate::future::{FutureCell, FutureValue};

/// Keeps a future's outcome. Dropped without one, the future fails with 1101, or with 4100 if a panic is
/// why: nobody waits for ever.
pub(crate) struct Promise {
    cell: Arc<FutureCell>,
}

impl Promise {
    /// A future that is not ready, and its promise.
    pub(crate) fn new() -> (Arc<FutureCell>, Self) {
        let cell = Arc::new(FutureCell::default());
        (Arc::clone(&cell), Self { cell })
    }

    /// Makes the future ready, and calls its callbacks.
    pub(crate) fn keep(self, outcome: Result<FutureValue, StoreError>) {
        self.cell.settle(outcome.map_err(|error| error.code()));
    }

    /// Notes the task that cancelling the future ends.
    pub(super) fn is_kept_by(&self, task: u64) {
        self.cell.set_task(task);
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        let broken = if std::thread::panicking() {
            code::INTERNAL_ERROR
        } else {
            store::code::OPERATION_CANCELLED
        };
        self.cell.settle(Err(broken));
    }
}
