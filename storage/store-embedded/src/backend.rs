//! The store's backend, as one core sees it.
//!
//! Reads run on the caller's thread: most are answered by memory, the others by one read of a block that
//! the operating system mostly has. Commits and watches are answered by the committer.

use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use store::limits::FUTURE_VERSION_WAIT_MS;
use store::{
    Backend, CommitRequest, Committed, Environment, Rows, Scan, Snapshot, StoreError, Version, code,
};

use crate::EmbeddedDatabase;
use crate::health::Fault;
use crate::metrics::Counters;
use crate::timeline::{ReadPoint, Unreadable};

/// A handle of one core: FoundationDB's transactions over an [`EmbeddedDatabase`].
pub type EmbeddedStore = store::Database<EmbeddedBackend>;

/// How often a reader of a version in the future looks whether it has come.
const FUTURE_VERSION_STEP: Duration = Duration::from_millis(1);

/// What [`EmbeddedStore`] stores with.
#[derive(Clone)]
pub struct EmbeddedBackend {
    database: EmbeddedDatabase,
    environment: Rc<dyn Environment>,
}

/// The store as of one version.
#[derive(Debug)]
pub struct EmbeddedSnapshot {
    database: EmbeddedDatabase,
    point: ReadPoint,
}

impl EmbeddedBackend {
    pub(crate) fn new(database: EmbeddedDatabase, environment: Rc<dyn Environment>) -> Self {
        Self {
            database,
            environment,
        }
    }

    /// The database behind the handle.
    pub fn database(&self) -> &EmbeddedDatabase {
        &self.database
    }

    fn at(&self, point: ReadPoint) -> EmbeddedSnapshot {
        EmbeddedSnapshot {
            database: self.database.clone(),
            point,
        }
    }
}

impl std::fmt::Debug for EmbeddedBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("EmbeddedBackend")
            .field(&self.database)
            .finish()
    }
}

impl Backend for EmbeddedBackend {
    type Snapshot = EmbeddedSnapshot;

    fn environment(&self) -> &Rc<dyn Environment> {
        &self.environment
    }

    async fn read_version(&self) -> Result<Version, StoreError> {
        Ok(self.database.shared().timeline.read_point().version)
    }

    async fn snapshot(&self) -> Result<EmbeddedSnapshot, StoreError> {
        Ok(self.at(self.database.shared().timeline.read_point()))
    }

    async fn snapshot_at(&self, version: Version) -> Result<EmbeddedSnapshot, StoreError> {
        let began_us = self.environment.now_us();
        loop {
            match self.database.shared().timeline.read_point_at(version) {
                Ok(point) => return Ok(self.at(point)),
                Err(Unreadable::TooOld) => return Err(StoreError::new(code::TRANSACTION_TOO_OLD)),
                Err(Unreadable::Future) => {
                    let waited_us = self.environment.now_us().saturating_sub(began_us);
                    if waited_us >= FUTURE_VERSION_WAIT_MS * 1_000 {
                        return Err(StoreError::new(code::FUTURE_VERSION));
                    }
                    self.environment.sleep(FUTURE_VERSION_STEP).await;
                }
            }
        }
    }

    async fn commit(&self, request: CommitRequest) -> Result<Committed, StoreError> {
        let shared = self.database.shared();
        if let Some(fault) = shared.health.fault() {
            return Err(fault.clone());
        }
        let pushed = shared
            .queue
            .push(request)
            .inspect_err(|_| Counters::add(&shared.counters.refused, 1));
        pushed?.await
    }

    fn watch(
        &self,
        key: Vec<u8>,
        seen: Option<Vec<u8>>,
    ) -> impl Future<Output = Result<(), StoreError>> + 'static {
        let database = self.database.clone();
        let watch = Arc::clone(&database.shared().watches).watch(key, seen);
        async move {
            let watch = watch?;
            let shared = database.shared();
            let before = shared.timeline.read_point().before;
            let now = shared
                .tables
                .get(watch.key(), before)
                .map_err(|fault| Fault::from(fault).0)?;
            if now.as_deref() == watch.seen() {
                watch.await
            } else {
                Ok(())
            }
        }
    }
}

impl EmbeddedSnapshot {
    /// What `read` finds, unless the window has passed this version.
    fn kept<T>(
        &self,
        read: Result<Option<T>, crate::tables::TablesFault>,
    ) -> Result<T, StoreError> {
        let kept = read.map_err(|fault| Fault::from(fault).0)?;
        kept.filter(|_| {
            !self
                .database
                .shared()
                .timeline
                .is_too_old(self.point.version)
        })
        .ok_or_else(|| StoreError::new(code::TRANSACTION_TOO_OLD))
    }
}

impl Snapshot for EmbeddedSnapshot {
    fn version(&self) -> Version {
        self.point.version
    }

    async fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.kept(
            self.database
                .shared()
                .tables
                .get_kept(key, self.point.before),
        )
    }

    async fn range(&self, scan: Scan<'_>) -> Result<Rows, StoreError> {
        self.kept(
            self.database
                .shared()
                .tables
                .scan_kept(&scan, self.point.before),
        )
    }
}
