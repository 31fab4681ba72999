//! The database itself, behind one mutex, and the handle that each core has.

use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::channel::oneshot;
use store::limits::WINDOW_VERSIONS;
use store::{
    CommitRequest, Committed, Database, Environment, Mutation, Resolver, StoreError, Verdict,
    Version, VersionClock, Versionstamp, code,
};

use crate::SimBackend;
use crate::history::History;
use crate::watches::Watches;

/// A store in memory, as one core uses it.
pub type SimStore = Database<SimBackend>;

/// A database in memory. Clones share it, also across threads.
#[derive(Clone, Debug)]
pub struct MemoryDatabase {
    shared: Arc<Mutex<Shared>>,
}

/// What every handle shares.
#[derive(Debug)]
pub(crate) struct Shared {
    clock: VersionClock,
    resolver: Resolver,
    history: History,
    pub(crate) watches: Watches,
}

/// The first version; above 0, which stands for "never".
const FIRST_VERSION: Version = 1;

impl MemoryDatabase {
    /// An empty database, whose versions count from `now_us` on the clock that all its handles share.
    pub fn new(now_us: u64) -> Self {
        let shared = Shared {
            clock: VersionClock::new(FIRST_VERSION, now_us),
            resolver: Resolver::new(FIRST_VERSION),
            history: History::default(),
            watches: Watches::default(),
        };
        Self {
            shared: Arc::new(Mutex::new(shared)),
        }
    }

    /// The handle of the core with this environment.
    pub fn handle(&self, environment: Rc<dyn Environment>) -> SimStore {
        Database::new(SimBackend::new(self.clone(), environment))
    }

    /// The database, with its versions and its window moved to `now_us`.
    pub(crate) fn lock(&self, now_us: u64) -> MutexGuard<'_, Shared> {
        let mut shared = self.lock_as_is();
        shared.clock.read_version(now_us);
        let oldest = shared.oldest();
        shared.history.prune(oldest);
        shared
    }

    /// The database as it was left. A panic in another thread leaves no half-applied commit that matters:
    /// what it had applied is above every version that was handed out.
    pub(crate) fn lock_as_is(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// The newest version.
    pub(crate) fn newest(&self) -> Version {
        self.clock.newest()
    }

    /// Reads below this version are too old.
    pub(crate) fn oldest(&self) -> Version {
        (self.clock.newest() - WINDOW_VERSIONS).max(self.resolver.oldest())
    }

    /// The history, for a read at `version`.
    pub(crate) fn history_at(&self, version: Version) -> Result<&History, StoreError> {
        if version < self.oldest() {
            return Err(StoreError::new(code::TRANSACTION_TOO_OLD));
        }
        Ok(&self.history)
    }

    /// The newest value of `key`.
    pub(crate) fn value(&self, key: &[u8]) -> Option<&[u8]> {
        self.history.get(key, self.newest())
    }

    /// Resolves and applies one request as a batch of its own. Hands back the watches to tell.
    pub(crate) fn commit(
        &mut self,
        mut request: CommitRequest,
        now_us: u64,
    ) -> Result<(Committed, Vec<oneshot::Sender<()>>), StoreError> {
        let version = self.clock.commit_version(now_us);
        let versionstamp = Versionstamp::new(version, 0);
        request.stamp(versionstamp);
        self.resolver.advance(version);
        match self.resolver.resolve_next(&request) {
            Verdict::Committed => {}
            Verdict::Conflict => return Err(StoreError::new(code::NOT_COMMITTED)),
            Verdict::TooOld => return Err(StoreError::new(code::TRANSACTION_TOO_OLD)),
        }
        let mut written = Vec::new();
        for mutation in request.mutations {
            self.apply(mutation, version, &mut written);
        }
        written.sort_unstable();
        written.dedup();
        let mut changed = Vec::new();
        for key in &written {
            changed.extend(
                self.watches
                    .take_changed(key, self.history.get(key, version)),
            );
        }
        Ok((Committed::at(versionstamp), changed))
    }

    fn apply(&mut self, mutation: Mutation, version: Version, written: &mut Vec<Vec<u8>>) {
        let (key, value) = match mutation {
            Mutation::Set { key, value } => (key, Some(value)),
            Mutation::Clear { key } => (key, None),
            Mutation::ClearRange(range) => {
                written.append(&mut self.history.clear_range(&range.begin, &range.end, version));
                return;
            }
            Mutation::Atomic { op, key, operand } => {
                let value = op.apply(self.history.get(&key, version), &operand);
                (key, value)
            }
        };
        self.history.write(&key, value, version);
        if self.watches.len() > 0 {
            written.push(key);
        }
    }
}
