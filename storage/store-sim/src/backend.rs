//! The database as the session of one core sees it.

use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use store::limits::FUTURE_VERSION_WAIT_MS;
use store::{Backend, CommitRequest, Committed, Environment, StoreError, Version, code};

use crate::commit::commit;
use crate::core::Core;
use crate::link::Link;
use crate::probe::Probe;
use crate::watch::watch;
use crate::{Lie, ReadVersionFate, SimSnapshot};

/// One core's handle on a [`crate::MemoryDatabase`].
#[derive(Clone)]
pub struct SimBackend {
    core: Rc<Core>,
}

impl SimBackend {
    pub(crate) fn new(core: Core) -> Self {
        Self {
            core: Rc::new(core),
        }
    }

    fn snapshot_of(&self, version: Version) -> SimSnapshot {
        SimSnapshot::new(Rc::clone(&self.core), version)
    }

    /// Whether `version` has been handed out; 1007 if it has left the window.
    async fn has_reached(&self, version: Version) -> Result<bool, StoreError> {
        if let Some(link) = &self.core.link {
            self.core.outlast(link).await;
        }
        self.core.look(|shared, _| {
            shared.history_at(version)?;
            Ok(version <= shared.newest())
        })
    }

    async fn ask_version(&self, link: &Link) -> Result<Version, StoreError> {
        let core = &self.core;
        let (nth, asked_us) = (link.counts.read_versions.next(), core.environment.now_us());
        match link.fates.of_read_version(link.handle, nth, asked_us) {
            ReadVersionFate::Answer {
                before_us,
                after_us,
            } => {
                core.sleep_us(before_us).await;
                let (version, lie) = core
                    .reach(link, |shared, now_us| {
                        match link.lie(shared.lie, &[Lie::StaleRead], nth, now_us) {
                            Some(lie) => (shared.stale(), Some(lie)),
                            None => (shared.newest(), None),
                        }
                    })
                    .await;
                if lie.is_some() {
                    core.probe(Probe::LieTold);
                }
                if after_us > 0 {
                    core.sleep_us(after_us).await;
                    core.outlast(link).await;
                }
                Ok(version)
            }
            ReadVersionFate::Fails { code, after_us } => Err(core.fail(link, code, after_us).await),
        }
    }
}

impl Backend for SimBackend {
    type Snapshot = SimSnapshot;

    fn environment(&self) -> &Rc<dyn Environment> {
        &self.core.environment
    }

    async fn read_version(&self) -> Result<Version, StoreError> {
        match &self.core.link {
            Some(link) => self.ask_version(link).await,
            None => Ok(self.core.look(|shared, _| match shared.lie {
                Some(Lie::StaleRead) => shared.stale(),
                _ => shared.newest(),
            })),
        }
    }

    async fn snapshot(&self) -> Result<SimSnapshot, StoreError> {
        Ok(self.snapshot_of(self.read_version().await?))
    }

    async fn snapshot_at(&self, version: Version) -> Result<SimSnapshot, StoreError> {
        if !self.has_reached(version).await? {
            let patience = Duration::from_millis(FUTURE_VERSION_WAIT_MS);
            self.core.environment.sleep(patience).await;
            if !self.has_reached(version).await? {
                self.core.probe(Probe::FutureVersion);
                return Err(StoreError::new(code::FUTURE_VERSION));
            }
        }
        Ok(self.snapshot_of(version))
    }

    async fn commit(&self, request: CommitRequest) -> Result<Committed, StoreError> {
        match &self.core.link {
            Some(link) => commit(&self.core, link, request).await,
            None => self
                .core
                .look(|shared, now_us| shared.commit_now(request, now_us)),
        }
    }

    fn watch(
        &self,
        key: Vec<u8>,
        seen: Option<Vec<u8>>,
    ) -> impl Future<Output = Result<(), StoreError>> + 'static {
        watch(Rc::clone(&self.core), key, seen)
    }
}
