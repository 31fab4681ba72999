//! A store whose futures may be completed by foreign threads, made fit for this runtime.

use std::future::Future;

use store::{
    AtomicOp, Committed, KeyRange, KeySelector, RangeRead, Rows, Store, StoreError, Transaction,
    TransactionOption, Version,
};

use super::bridge::Bridge;

/// Hands everything to the store within, and carries whatever waits over the core's bridge.
#[derive(Clone)]
pub struct BridgedStore<S> {
    store: S,
    bridge: Bridge,
}

/// A transaction of a [`BridgedStore`].
pub struct BridgedTransaction<T> {
    transaction: T,
    bridge: Bridge,
}

impl<S: Store> BridgedStore<S> {
    pub(crate) fn new(store: S, bridge: Bridge) -> Self {
        Self { store, bridge }
    }
}

impl<S: Store> Store for BridgedStore<S> {
    type Transaction = BridgedTransaction<S::Transaction>;

    fn begin(&self) -> Self::Transaction {
        BridgedTransaction {
            transaction: self.store.begin(),
            bridge: self.bridge.clone(),
        }
    }
}

impl<T: Transaction> Transaction for BridgedTransaction<T> {
    fn set_option(&self, option: TransactionOption) {
        self.transaction.set_option(option);
    }

    async fn read_version(&self) -> Result<Version, StoreError> {
        self.bridge.carry(self.transaction.read_version()).await
    }

    fn set_read_version(&self, version: Version) {
        self.transaction.set_read_version(version);
    }

    async fn get(&self, key: &[u8], snapshot: bool) -> Result<Option<Vec<u8>>, StoreError> {
        self.bridge.carry(self.transaction.get(key, snapshot)).await
    }

    async fn get_key(&self, selector: &KeySelector, snapshot: bool) -> Result<Vec<u8>, StoreError> {
        self.bridge
            .carry(self.transaction.get_key(selector, snapshot))
            .await
    }

    async fn get_range(&self, read: &RangeRead, snapshot: bool) -> Result<Rows, StoreError> {
        self.bridge
            .carry(self.transaction.get_range(read, snapshot))
            .await
    }

    fn set(&self, key: &[u8], value: &[u8]) {
        self.transaction.set(key, value);
    }

    fn clear(&self, key: &[u8]) {
        self.transaction.clear(key);
    }

    fn clear_range(&self, range: &KeyRange) {
        self.transaction.clear_range(range);
    }

    fn atomic(&self, op: AtomicOp, key: &[u8], operand: &[u8]) {
        self.transaction.atomic(op, key, operand);
    }

    fn add_read_conflict_range(&self, range: &KeyRange) {
        self.transaction.add_read_conflict_range(range);
    }

    fn add_write_conflict_range(&self, range: &KeyRange) {
        self.transaction.add_write_conflict_range(range);
    }

    fn watch(&self, key: &[u8]) -> impl Future<Output = Result<(), StoreError>> + 'static {
        let watch = self.transaction.watch(key);
        let bridge = self.bridge.clone();
        async move { bridge.carry(watch).await }
    }

    async fn commit(&self) -> Result<Committed, StoreError> {
        self.bridge.carry(self.transaction.commit()).await
    }

    async fn on_error(&self, error: StoreError) -> Result<(), StoreError> {
        self.bridge.carry(self.transaction.on_error(error)).await
    }

    fn reset(&self) {
        self.transaction.reset();
    }

    fn cancel(&self) {
        self.transaction.cancel();
    }
}
