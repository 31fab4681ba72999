//! Either of the two stores, as one backend.

use std::future::Future;
use std::rc::Rc;

use futures::future::Either;
use store::{
    Backend, CommitRequest, Committed, Environment, Rows, Scan, Snapshot, StoreError, Version,
};
use store_embedded::{EmbeddedBackend, EmbeddedSnapshot};
use store_sim::{SimBackend, SimSnapshot};

/// What transactions run on.
#[derive(Clone)]
pub(crate) enum AnyBackend {
    Embedded(EmbeddedBackend),
    Memory(SimBackend),
}

/// A snapshot of either.
pub(crate) enum AnySnapshot {
    Embedded(EmbeddedSnapshot),
    Memory(SimSnapshot),
}

impl Backend for AnyBackend {
    type Snapshot = AnySnapshot;

    fn environment(&self) -> &Rc<dyn Environment> {
        match self {
            Self::Embedded(backend) => backend.environment(),
            Self::Memory(backend) => backend.environment(),
        }
    }

    async fn read_version(&self) -> Result<Version, StoreError> {
        match self {
            Self::Embedded(backend) => backend.read_version().await,
            Self::Memory(backend) => backend.read_version().await,
        }
    }

    async fn snapshot(&self) -> Result<AnySnapshot, StoreError> {
        match self {
            Self::Embedded(backend) => backend.snapshot().await.map(AnySnapshot::Embedded),
            Self::Memory(backend) => backend.snapshot().await.map(AnySnapshot::Memory),
        }
    }

    async fn snapshot_at(&self, version: Version) -> Result<AnySnapshot, StoreError> {
        match self {
            Self::Embedded(backend) => backend
                .snapshot_at(version)
                .await
                .map(AnySnapshot::Embedded),
            Self::Memory(backend) => backend.snapshot_at(version).await.map(AnySnapshot::Memory),
        }
    }

    async fn commit(&self, request: CommitRequest) -> Result<Committed, StoreError> {
        match self {
            Self::Embedded(backend) => backend.commit(request).await,
            Self::Memory(backend) => backend.commit(request).await,
        }
    }

    fn watch(
        &self,
        key: Vec<u8>,
        seen: Option<Vec<u8>>,
    ) -> impl Future<Output = Result<(), StoreError>> + 'static {
        match self {
            Self::Embedded(backend) => Either::Left(backend.watch(key, seen)),
            Self::Memory(backend) => Either::Right(backend.watch(key, seen)),
        }
    }
}

impl Snapshot for AnySnapshot {
    fn version(&self) -> Version {
        match self {
            Self::Embedded(snapshot) => snapshot.version(),
            Self::Memory(snapshot) => snapshot.version(),
        }
    }

    async fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self {
            Self::Embedded(snapshot) => snapshot.get(key).await,
            Self::Memory(snapshot) => snapshot.get(key).await,
        }
    }

    async fn range(&self, scan: Scan<'_>) -> Result<Rows, StoreError> {
        match self {
            Self::Embedded(snapshot) => snapshot.range(scan).await,
            Self::Memory(snapshot) => snapshot.range(scan).await,
        }
    }
}
