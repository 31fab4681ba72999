//! What a case works with: the store, its own corner of it, and short names for common steps.

use std::rc::Rc;
use std::time::Duration;

use thiserror::Error;

use crate::{
    Committed, Environment, KeyRange, RangeRead, Store, StoreError, Transaction, rows_all,
};

/// How a promise was broken.
#[derive(Debug, Error)]
pub enum Fault {
    /// Something else was found than promised.
    #[error("{0}")]
    Broken(String),
    /// An error where none was promised.
    #[error("unexpected {0}")]
    Store(#[from] StoreError),
}

impl Fault {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self::Broken(what.into())
    }

    /// Whether the store may answer so at any time, whatever was asked.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_retryable())
    }
}

/// One case's corner of a store.
#[derive(Clone)]
pub struct Context<S> {
    store: S,
    environment: Rc<dyn Environment>,
    prefix: Vec<u8>,
}

impl<S: Store> Context<S> {
    pub(super) fn new(store: S, environment: Rc<dyn Environment>, prefix: Vec<u8>) -> Self {
        Self {
            store,
            environment,
            prefix,
        }
    }

    /// A new transaction.
    pub(super) fn begin(&self) -> S::Transaction {
        self.store.begin()
    }

    /// The key `name` of this corner.
    pub(super) fn key(&self, name: impl AsRef<[u8]>) -> Vec<u8> {
        [self.prefix.as_slice(), name.as_ref()].concat()
    }

    /// The keys from `begin` to before `end` of this corner.
    pub(super) fn range(&self, begin: &str, end: &str) -> KeyRange {
        KeyRange::new(self.key(begin), self.key(end))
    }

    /// All keys of this corner.
    pub(super) fn everything(&self) -> KeyRange {
        KeyRange::prefix(&self.prefix)
    }

    /// The part of `key` behind the corner's prefix; none if it lies elsewhere.
    pub(super) fn name(&self, key: &[u8]) -> Option<Vec<u8>> {
        key.strip_prefix(self.prefix.as_slice()).map(<[u8]>::to_vec)
    }

    /// Commits what `write` does, trying again as a caller would.
    pub(super) async fn write(
        &self,
        write: impl Fn(&S::Transaction),
    ) -> Result<Committed, StoreError> {
        let transaction = self.begin();
        loop {
            write(&transaction);
            match transaction.commit().await {
                Ok(committed) => return Ok(committed),
                Err(error) => transaction.on_error(error).await?,
            }
        }
    }

    /// Commits `value` under the key `name`.
    pub(super) async fn put(
        &self,
        name: &str,
        value: impl AsRef<[u8]>,
    ) -> Result<Committed, StoreError> {
        self.write(|transaction| transaction.set(&self.key(name), value.as_ref()))
            .await
    }

    /// Commits rows whose values are their names.
    pub(super) async fn put_all(&self, names: &[&str]) -> Result<Committed, StoreError> {
        self.write(|transaction| {
            names
                .iter()
                .for_each(|name| transaction.set(&self.key(name), name.as_bytes()))
        })
        .await
    }

    /// The committed value of the key `name`.
    pub(super) async fn value(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.begin().get(&self.key(name), true).await
    }

    /// All committed rows of this corner, by name.
    pub(super) async fn rows(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
        let rows = rows_all(&self.begin(), &RangeRead::of(&self.everything()), true).await?;
        Ok(rows
            .into_iter()
            .filter_map(|(key, value)| Some((self.name(&key)?, value)))
            .collect())
    }

    /// The names of all rows that `read` finds.
    pub(super) async fn names(
        &self,
        transaction: &S::Transaction,
        read: &RangeRead,
        snapshot: bool,
    ) -> Result<String, StoreError> {
        let rows = rows_all(transaction, read, snapshot).await?;
        Ok(rows
            .iter()
            .map(|(key, _)| self.shown(key))
            .collect::<Vec<_>>()
            .join(" "))
    }

    /// The name of `key`, printable; `<` or `>` if it lies before or after this corner.
    pub(super) fn shown(&self, key: &[u8]) -> String {
        match self.name(key) {
            Some(name) => name.escape_ascii().to_string(),
            None if key < self.prefix.as_slice() => "<".to_owned(),
            None => ">".to_owned(),
        }
    }

    /// Lets `ms` milliseconds pass.
    pub(super) async fn sleep_ms(&self, ms: u64) {
        self.environment.sleep(Duration::from_millis(ms)).await;
    }

    /// Clears this corner.
    pub(super) async fn clean(&self) -> Result<(), Fault> {
        self.write(|transaction| transaction.clear_range(&self.everything()))
            .await?;
        Ok(())
    }
}

/// The error's number; none for a success.
pub(super) fn code_of<T>(result: Result<T, StoreError>) -> Option<i32> {
    result.err().map(|error| error.code())
}
