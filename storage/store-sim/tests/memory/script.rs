//! Fates by script, and a world of one virtual clock and one database to play them in.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use store::{Committed, Environment, Store, StoreError, Transaction};
use store_sim::{
    CommitFate, Fates, HandleId, MemoryDatabase, ReadFate, ReadVersionFate, SimStore, WatchFate,
};

use crate::virtual_time::VirtualTime;

/// SplitMix64's finish: bits that look random, by identity.
pub(crate) fn mixed(identity: u64) -> u64 {
    let z = identity.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What happens to the operations named; to all others nothing.
#[derive(Default)]
pub(crate) struct Script {
    commits: RefCell<BTreeMap<(HandleId, u64), CommitFate>>,
    reads: RefCell<BTreeMap<(HandleId, u64), ReadFate>>,
    read_versions: RefCell<BTreeMap<(HandleId, u64), ReadVersionFate>>,
    watches: RefCell<BTreeMap<(HandleId, u64), WatchFate>>,
}

impl Fates for Script {
    fn of_commit(&self, handle: HandleId, nth: u64, _: u64) -> CommitFate {
        let fates = self.commits.borrow();
        fates
            .get(&(handle, nth))
            .copied()
            .unwrap_or(CommitFate::FINE)
    }
    fn of_read(&self, handle: HandleId, nth: u64, _: u64) -> ReadFate {
        let fates = self.reads.borrow();
        fates.get(&(handle, nth)).copied().unwrap_or(ReadFate::FINE)
    }
    fn of_read_version(&self, handle: HandleId, nth: u64, _: u64) -> ReadVersionFate {
        let fates = self.read_versions.borrow();
        fates
            .get(&(handle, nth))
            .copied()
            .unwrap_or(ReadVersionFate::FINE)
    }
    fn of_watch(&self, handle: HandleId, nth: u64, _: u64) -> WatchFate {
        let fates = self.watches.borrow();
        fates
            .get(&(handle, nth))
            .copied()
            .unwrap_or(WatchFate::FINE)
    }
}

/// One clock, one database, one script.
pub(crate) struct World {
    pub(crate) time: Rc<VirtualTime>,
    pub(crate) database: MemoryDatabase,
    script: Rc<Script>,
}

impl World {
    pub(crate) fn new() -> Self {
        let time = VirtualTime::new(1);
        let database = MemoryDatabase::new(time.now_us());
        Self {
            time,
            database,
            script: Rc::default(),
        }
    }

    /// A handle to which the script happens.
    pub(crate) fn handle(&self, handle: HandleId) -> SimStore {
        self.database
            .handle_with(self.time.clone(), handle, self.script.clone())
    }

    /// The first commit of handle 0 ends so.
    pub(crate) fn commit_0(&self, fate: CommitFate) {
        self.first_commit(0, fate);
    }

    /// The first commit of `handle` ends so.
    pub(crate) fn first_commit(&self, handle: HandleId, fate: CommitFate) {
        self.script.commits.borrow_mut().insert((handle, 0), fate);
    }

    pub(crate) fn read_0(&self, fate: ReadFate) {
        self.script.reads.borrow_mut().insert((0, 0), fate);
    }

    pub(crate) fn read_version_0(&self, fate: ReadVersionFate) {
        self.script.read_versions.borrow_mut().insert((0, 0), fate);
    }

    pub(crate) fn watch_0(&self, fate: WatchFate) {
        self.script.watches.borrow_mut().insert((0, 0), fate);
    }

    /// Lets `us` microseconds pass, without an operation on the database.
    pub(crate) async fn pass(&self, us: u64) {
        self.time.sleep(std::time::Duration::from_micros(us)).await;
    }

    /// The committed value of `key`, as a faithful handle sees it now.
    pub(crate) async fn value(&self, key: &[u8]) -> Option<Vec<u8>> {
        let faithful = self.database.handle(self.time.clone());
        faithful.begin().get(key, true).await.expect("a read")
    }

    /// Whether `key` has a value.
    pub(crate) async fn has(&self, key: &[u8]) -> bool {
        self.value(key).await.is_some()
    }
}

/// Sets `key` in a transaction of its own that conflicts with other writes of it.
pub(crate) async fn put(store: &SimStore, key: &[u8]) -> Result<Committed, StoreError> {
    let transaction = store.begin();
    transaction.get(key, false).await?;
    transaction.set(key, b"v");
    transaction.commit().await
}

/// The number of the error; none for a success.
pub(crate) fn code_of<T>(result: Result<T, StoreError>) -> Option<i32> {
    result.err().map(|error| error.code())
}
