//! What an `FDBTransaction` points to: its number, and the way to the network thread.

use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use store::{StoreError, VERSION_READ_ONLY};

use super::Transaction;
use crate::database::Database;
use crate::errors::code;
use crate::future::{FutureCell, FutureValue};
use crate::network::{self, Promise};

static BEGUN: AtomicU64 = AtomicU64::new(0);

/// One transaction, for any thread. Dropping it ends the transaction.
pub(crate) struct TransactionHandle {
    id: u64,
    database: Arc<Database>,
    committed_version: Arc<AtomicI64>,
}

impl TransactionHandle {
    /// Begins a transaction on `database`.
    pub(crate) fn begin(database: &Arc<Database>) -> Self {
        let id = BEGUN.fetch_add(1, Ordering::Relaxed) + 1;
        let committed_version = Arc::new(AtomicI64::new(VERSION_READ_ONLY));
        let (begun_on, defaults, version) = (
            Arc::clone(database),
            database.defaults(),
            Arc::clone(&committed_version),
        );
        network::post(move |core| {
            core.add_transaction(id, Transaction::new(core, begun_on, defaults, version));
        });
        Self {
            id,
            database: Arc::clone(database),
            committed_version,
        }
    }

    /// Has `call` done, whose errors wait for the next call that returns something.
    pub(crate) fn tell(&self, call: impl FnOnce(&Transaction) + Send + 'static) {
        let id = self.id;
        network::post(move |core| {
            if let Some(transaction) = core.transaction(id) {
                call(&transaction);
            }
        });
    }

    /// Has `call` done, and hands out the future of what it returns.
    pub(crate) fn ask<F>(
        &self,
        call: impl FnOnce(Rc<Transaction>) -> F + Send + 'static,
    ) -> Arc<FutureCell>
    where
        F: Future<Output = Result<FutureValue, StoreError>> + 'static,
    {
        let (cell, promise) = Promise::new();
        let id = self.id;
        network::post(move |core| match core.transaction(id) {
            Some(transaction) => core.spawn(promise, call(transaction)),
            None => promise.keep(Err(StoreError::new(code::INTERNAL_ERROR))),
        });
        cell
    }

    /// The future of the versionstamp of the next commit.
    pub(crate) fn versionstamp(&self) -> Arc<FutureCell> {
        let (cell, promise) = Promise::new();
        self.tell(|transaction| transaction.versionstamp(promise));
        cell
    }

    /// As if it had just begun.
    pub(crate) fn reset(&self) {
        let defaults = self.database.defaults();
        self.tell(|transaction| transaction.reset(defaults));
    }

    /// The version of the last commit; -1 if there was none, or if it wrote nothing.
    pub(crate) fn committed_version(&self) -> i64 {
        self.committed_version.load(Ordering::Acquire)
    }
}

impl Drop for TransactionHandle {
    fn drop(&mut self) {
        let id = self.id;
        network::post(move |core| {
            if let Some(transaction) = core.remove_transaction(id) {
                transaction.cancel();
            }
        });
    }
}
