//! A store that fails commits on purpose, as FoundationDB does: refused, unknown but done, unknown and not done, timed
//! out and done late.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use store::{
    AtomicOp, Committed, KeyRange, KeySelector, RangeRead, Rows, Store, StoreError, Transaction,
    TransactionOption, Version, code,
};
use store_sim::SimStore;

use crate::clock::Clock;

/// What becomes of one commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It goes through.
    Fine,
    /// 1020: not committed.
    Refused,
    /// 1021, and it was committed.
    UnknownDone,
    /// 1021, and it was not.
    UnknownNotDone,
    /// 1031, and it commits after the next try has begun.
    TimedOutLate,
    /// 1510: not committed, for good.
    Broken,
}

/// The fates of the commits to come; when they are used up, all is fine.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) fates: RefCell<VecDeque<Fate>>,
    late: RefCell<Vec<<SimStore as Store>::Transaction>>,
    pub(crate) late_refused: Cell<u32>,
    pub(crate) late_committed: Cell<u32>,
}

/// [`SimStore`] under a script.
#[derive(Clone)]
pub(crate) struct FlakyStore {
    store: SimStore,
    script: Rc<Script>,
    way: Rc<Way>,
    clock: Rc<Clock>,
}

/// A node's way to the store.
#[derive(Default)]
pub(crate) struct Way {
    /// Nothing gets through.
    pub(crate) cut_off: Cell<bool>,
    /// The next commit goes through, and its answer hangs for so long; then it is 1021.
    pub(crate) hangs: Cell<Duration>,
}

impl FlakyStore {
    pub(crate) fn new(store: SimStore, script: Rc<Script>, way: Rc<Way>, clock: Rc<Clock>) -> Self {
        Self {
            store,
            script,
            way,
            clock,
        }
    }
}

impl Store for FlakyStore {
    type Transaction = FlakyTransaction;

    fn begin(&self) -> FlakyTransaction {
        FlakyTransaction {
            store: self.store.clone(),
            inner: RefCell::new(Rc::new(self.store.begin())),
            script: self.script.clone(),
            way: self.way.clone(),
            clock: self.clock.clone(),
            writes: Cell::new(false),
        }
    }
}

pub(crate) struct FlakyTransaction {
    store: SimStore,
    inner: RefCell<Rc<<SimStore as Store>::Transaction>>,
    script: Rc<Script>,
    way: Rc<Way>,
    clock: Rc<Clock>,
    /// A commit without writes always succeeds.
    writes: Cell<bool>,
}

impl FlakyTransaction {
    fn inner(&self) -> Rc<<SimStore as Store>::Transaction> {
        self.inner.borrow().clone()
    }

    fn reached(&self) -> Result<(), StoreError> {
        if self.way.cut_off.get() {
            Err(StoreError::new(code::TRANSACTION_TIMED_OUT))
        } else {
            Ok(())
        }
    }

    /// Late commits of earlier tries land now, or are refused.
    async fn land_late(&self) {
        let late = self.script.late.take();
        for transaction in late {
            let counter = match transaction.commit().await {
                Ok(_) => &self.script.late_committed,
                Err(_) => &self.script.late_refused,
            };
            counter.set(counter.get() + 1);
        }
    }
}

impl Transaction for FlakyTransaction {
    fn set_option(&self, option: TransactionOption) {
        self.inner().set_option(option);
    }
    async fn read_version(&self) -> Result<Version, StoreError> {
        self.reached()?;
        self.inner().read_version().await
    }
    fn set_read_version(&self, version: Version) {
        self.inner().set_read_version(version);
    }
    async fn get(&self, key: &[u8], snapshot: bool) -> Result<Option<Vec<u8>>, StoreError> {
        self.reached()?;
        self.inner().get(key, snapshot).await
    }
    async fn get_key(&self, selector: &KeySelector, snapshot: bool) -> Result<Vec<u8>, StoreError> {
        self.reached()?;
        self.inner().get_key(selector, snapshot).await
    }
    async fn get_range(&self, read: &RangeRead, snapshot: bool) -> Result<Rows, StoreError> {
        self.reached()?;
        self.inner().get_range(read, snapshot).await
    }
    fn set(&self, key: &[u8], value: &[u8]) {
        self.writes.set(true);
        self.inner().set(key, value);
    }
    fn clear(&self, key: &[u8]) {
        self.writes.set(true);
        self.inner().clear(key);
    }
    fn clear_range(&self, range: &KeyRange) {
        self.writes.set(true);
        self.inner().clear_range(range);
    }
    fn atomic(&self, op: AtomicOp, key: &[u8], operand: &[u8]) {
        self.writes.set(true);
        self.inner().atomic(op, key, operand);
    }
    fn add_read_conflict_range(&self, range: &KeyRange) {
        self.inner().add_read_conflict_range(range);
    }
    fn add_write_conflict_range(&self, range: &KeyRange) {
        self.inner().add_write_conflict_range(range);
    }
    fn watch(&self, key: &[u8]) -> impl Future<Output = Result<(), StoreError>> + 'static {
        let (inner, key) = (self.inner(), key.to_vec());
        async move { inner.watch(&key).await }
    }
    async fn commit(&self) -> Result<Committed, StoreError> {
        self.reached()?;
        let fate = if self.writes.get() {
            self.script.fates.borrow_mut().pop_front()
        } else {
            None
        };
        let fate = fate.unwrap_or(Fate::Fine);
        match fate {
            Fate::Fine => {
                let committed = self.inner().commit().await?;
                if self.writes.get() {
                    self.land_late().await;
                    let hangs = self.way.hangs.take();
                    if !hangs.is_zero() {
                        self.clock.sleep(hangs).await;
                        return Err(StoreError::new(code::COMMIT_UNKNOWN_RESULT));
                    }
                }
                Ok(committed)
            }
            Fate::Refused => Err(StoreError::new(code::NOT_COMMITTED)),
            Fate::UnknownDone => {
                self.inner().commit().await?;
                Err(StoreError::new(code::COMMIT_UNKNOWN_RESULT))
            }
            Fate::UnknownNotDone => Err(StoreError::new(code::COMMIT_UNKNOWN_RESULT)),
            Fate::TimedOutLate => {
                let zombie = self.inner.replace(Rc::new(self.store.begin()));
                if let Ok(zombie) = Rc::try_unwrap(zombie) {
                    self.script.late.borrow_mut().push(zombie);
                }
                Err(StoreError::new(code::TRANSACTION_TIMED_OUT))
            }
            Fate::Broken => Err(StoreError::new(code::IO_ERROR)),
        }
    }
    async fn on_error(&self, error: StoreError) -> Result<(), StoreError> {
        self.writes.set(false);
        self.inner().on_error(error).await
    }
    fn reset(&self) {
        self.inner().reset();
    }
    fn cancel(&self) {
        self.inner().cancel();
    }
}
