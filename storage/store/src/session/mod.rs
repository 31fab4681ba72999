//! One implementation of FoundationDB's transactions over any [`Backend`].
//!
//! ```text
//!   set / clear / atomic ──▶ log of mutations ───────────────┐
//!                              │ (indexed at the first read)  ├─▶ CommitRequest ─▶ Backend::commit
//!   get / get_range ──▶ Overlay over Snapshot ─▶ conflicts ───┘
//! ```
//!
//! A transaction that only writes never builds the overlay; one that only reads goes straight to the
//! snapshot. The overlay holds what FoundationDB's client calls the write map.

mod client;
mod commit;
mod compact;
mod guard;
mod mirror;
mod near;
mod options;
mod overlay;
mod range;
mod range_conflict;
mod range_set;
mod reach;
mod read;
mod retry;
mod scan;
mod selectors;
mod state;
mod wakers;
mod watch;
mod write;
mod write_conflicts;

use std::cell::RefCell;
use std::fmt;
use std::future::Future;

use crate::{
    AtomicOp, Backend, Committed, KeyRange, KeySelector, RangeRead, Rows, Store, StoreError,
    Transaction, TransactionOption, Version, code,
};

use state::State;

/// A database over a backend: what `store-embedded` and `store-sim` hand out.
#[derive(Clone, Debug)]
pub struct Database<B> {
    backend: B,
}

impl<B: Backend> Database<B> {
    /// The database that `backend` stores.
    pub fn new(backend: B) -> Self {
        Self { backend }
    }

    /// The backend.
    pub fn backend(&self) -> &B {
        &self.backend
    }
}

impl<B: Backend> Store for Database<B> {
    type Transaction = Session<B>;

    fn begin(&self) -> Session<B> {
        Session::new(self.backend.clone())
    }
}

/// One transaction over a backend.
pub struct Session<B: Backend> {
    backend: B,
    state: RefCell<State<B::Snapshot>>,
}

impl<B: Backend> Session<B> {
    fn new(backend: B) -> Self {
        let now_us = backend.environment().now_us();
        Self {
            backend,
            state: RefCell::new(State::new(now_us)),
        }
    }

    fn now_us(&self) -> u64 {
        self.backend.environment().now_us()
    }
}

impl<B: Backend> fmt::Debug for Session<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl<B: Backend> Transaction for Session<B> {
    fn set_option(&self, option: TransactionOption) {
        let mut state = self.state.borrow_mut();
        // A timeout that has struck stays so, whatever is set then.
        let _struck = state.check_going_on(|| self.now_us());
        state.set_option(option);
    }

    async fn read_version(&self) -> Result<Version, StoreError> {
        self.ask_version().await
    }

    fn set_read_version(&self, version: Version) {
        self.state.borrow_mut().set_read_version(version);
    }

    async fn get(&self, key: &[u8], snapshot: bool) -> Result<Option<Vec<u8>>, StoreError> {
        let epoch = self.epoch();
        let value = self.read_key(key, snapshot).await;
        self.noting_failure(epoch, value)
    }

    async fn get_key(&self, selector: &KeySelector, snapshot: bool) -> Result<Vec<u8>, StoreError> {
        let epoch = self.epoch();
        let key = self.read_selector(selector, snapshot).await;
        self.noting_failure(epoch, key)
    }

    async fn get_range(&self, read: &RangeRead, snapshot: bool) -> Result<Rows, StoreError> {
        let epoch = self.epoch();
        let rows = self.read_range(read, snapshot).await;
        self.noting_failure(epoch, rows)
    }

    fn set(&self, key: &[u8], value: &[u8]) {
        self.state.borrow_mut().set(key, value);
    }

    fn clear(&self, key: &[u8]) {
        self.state.borrow_mut().clear(key);
    }

    fn clear_range(&self, range: &KeyRange) {
        self.state.borrow_mut().clear_range(range);
    }

    fn atomic(&self, op: AtomicOp, key: &[u8], operand: &[u8]) {
        self.state.borrow_mut().atomic(op, key, operand);
    }

    fn add_read_conflict_range(&self, range: &KeyRange) {
        self.state.borrow_mut().add_read_conflict_range(range);
    }

    fn add_write_conflict_range(&self, range: &KeyRange) {
        self.state.borrow_mut().add_write_conflict_range(range);
    }

    fn watch(&self, key: &[u8]) -> impl Future<Output = Result<(), StoreError>> + 'static {
        self.add_watch(key)
    }

    async fn commit(&self) -> Result<Committed, StoreError> {
        self.run_commit().await
    }

    async fn on_error(&self, error: StoreError) -> Result<(), StoreError> {
        self.retry_after(error).await
    }

    fn reset(&self) {
        let now_us = self.now_us();
        self.state.borrow_mut().reset(now_us);
    }

    fn cancel(&self) {
        let cancelled = StoreError::new(code::TRANSACTION_CANCELLED);
        self.state.borrow_mut().end(cancelled);
    }
}
