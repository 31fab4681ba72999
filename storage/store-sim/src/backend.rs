//! The database as the session of one core sees it.

use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use futures::channel::oneshot;
use store::limits::{FUTURE_VERSION_WAIT_MS, WATCHES_MAX};
use store::{
    Backend, CommitRequest, Committed, Environment, Rows, Scan, Snapshot, StoreError, Version, code,
};

use crate::MemoryDatabase;

/// One core's handle on a [`MemoryDatabase`].
#[derive(Clone)]
pub struct SimBackend {
    database: MemoryDatabase,
    environment: Rc<dyn Environment>,
}

/// A [`MemoryDatabase`] at one version. Holds nothing: the window keeps what it needs.
pub struct SimSnapshot {
    backend: SimBackend,
    version: Version,
}

impl SimBackend {
    pub(crate) fn new(database: MemoryDatabase, environment: Rc<dyn Environment>) -> Self {
        Self {
            database,
            environment,
        }
    }

    fn snapshot_of(&self, version: Version) -> SimSnapshot {
        SimSnapshot {
            backend: self.clone(),
            version,
        }
    }

    /// Whether `version` has been handed out; 1007 if it has left the window.
    fn has_reached(&self, version: Version) -> Result<bool, StoreError> {
        let shared = self.database.lock(self.environment.now_us());
        shared.history_at(version)?;
        Ok(version <= shared.newest())
    }
}

impl Backend for SimBackend {
    type Snapshot = SimSnapshot;

    fn environment(&self) -> &Rc<dyn Environment> {
        &self.environment
    }

    async fn read_version(&self) -> Result<Version, StoreError> {
        Ok(self.database.lock(self.environment.now_us()).newest())
    }

    async fn snapshot(&self) -> Result<SimSnapshot, StoreError> {
        Ok(self.snapshot_of(self.read_version().await?))
    }

    async fn snapshot_at(&self, version: Version) -> Result<SimSnapshot, StoreError> {
        if !self.has_reached(version)? {
            self.environment
                .sleep(Duration::from_millis(FUTURE_VERSION_WAIT_MS))
                .await;
            if !self.has_reached(version)? {
                return Err(StoreError::new(code::FUTURE_VERSION));
            }
        }
        Ok(self.snapshot_of(version))
    }

    async fn commit(&self, request: CommitRequest) -> Result<Committed, StoreError> {
        let now_us = self.environment.now_us();
        let committed = self.database.lock(now_us).commit(request, now_us);
        let (committed, changed) = committed?;
        for sender in changed {
            // A watch that was dropped meanwhile needs no telling.
            let _ = sender.send(());
        }
        Ok(committed)
    }

    fn watch(
        &self,
        key: Vec<u8>,
        seen: Option<Vec<u8>>,
    ) -> impl Future<Output = Result<(), StoreError>> + 'static {
        let mut shared = self.database.lock(self.environment.now_us());
        let armed = if shared.value(&key) != seen.as_deref() {
            Ok(None)
        } else if shared.watches.len() >= WATCHES_MAX {
            Err(StoreError::with_context(
                code::TOO_MANY_WATCHES,
                format!("{WATCHES_MAX} are active"),
            ))
        } else {
            let (id, changed) = shared.watches.add(&key, seen);
            Ok(Some(ArmedWatch {
                database: self.database.clone(),
                key,
                id,
                changed,
            }))
        };
        drop(shared);
        async move {
            match armed? {
                Some(mut watch) => watch.changed().await,
                None => Ok(()),
            }
        }
    }
}

/// A watch that waits; gives its place back when it is dropped.
struct ArmedWatch {
    database: MemoryDatabase,
    key: Vec<u8>,
    id: u64,
    changed: oneshot::Receiver<()>,
}

impl ArmedWatch {
    async fn changed(&mut self) -> Result<(), StoreError> {
        (&mut self.changed)
            .await
            .map_err(|_| StoreError::new(code::OPERATION_CANCELLED))
    }
}

impl Drop for ArmedWatch {
    fn drop(&mut self) {
        self.database
            .lock_as_is()
            .watches
            .remove(&self.key, self.id);
    }
}

impl Snapshot for SimSnapshot {
    fn version(&self) -> Version {
        self.version
    }

    async fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let shared = self
            .backend
            .database
            .lock(self.backend.environment.now_us());
        Ok(shared
            .history_at(self.version)?
            .get(key, self.version)
            .map(<[u8]>::to_vec))
    }

    async fn range(&self, scan: Scan<'_>) -> Result<Rows, StoreError> {
        let shared = self
            .backend
            .database
            .lock(self.backend.environment.now_us());
        Ok(shared.history_at(self.version)?.range(scan, self.version))
    }
}
