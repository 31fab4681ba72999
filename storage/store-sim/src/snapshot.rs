//! Reads at one version.

use std::rc::Rc;

use store::{Rows, Scan, Snapshot, StoreError, Version};

use crate::core::Core;
use crate::history::History;
use crate::link::Link;
use crate::probe::Probe;
use crate::shared::Shared;
use crate::{Lie, ReadFate};

/// A [`crate::MemoryDatabase`] at one version. Holds nothing: the window keeps what it needs.
pub struct SimSnapshot {
    core: Rc<Core>,
    version: Version,
}

impl SimSnapshot {
    pub(crate) fn new(core: Rc<Core>, version: Version) -> Self {
        Self { core, version }
    }

    /// Reads as the fate of this read will have it. `short` makes a short page of what was read.
    async fn read<T>(
        &self,
        read: impl Fn(&History, Version) -> T,
        short: impl Fn(T, usize) -> T,
    ) -> Result<T, StoreError> {
        let Some(link) = &self.core.link else {
            let is_lie = |shared: &Shared| shared.lie == Some(Lie::ReadFromTheFuture);
            return self
                .core
                .look(|shared, _| self.read_now(shared, is_lie(shared), &read));
        };
        let (nth, asked_us) = (link.counts.reads.next(), self.core.environment.now_us());
        match link.fates.of_read(link.handle, nth, asked_us) {
            ReadFate::Answer { after_us } => self.read_late(link, nth, after_us, read).await,
            ReadFate::Short { rows, after_us } => {
                let whole = self.read_late(link, nth, after_us, read).await?;
                Ok(short(whole, rows.max(1)))
            }
            ReadFate::Fails { code, after_us } => Err(self.core.fail(link, code, after_us).await),
        }
    }

    async fn read_late<T>(
        &self,
        link: &Link,
        nth: u64,
        after_us: u64,
        read: impl Fn(&History, Version) -> T,
    ) -> Result<T, StoreError> {
        self.core.sleep_us(after_us).await;
        let told_here = &[Lie::ReadFromTheFuture];
        self.core
            .reach(link, |shared, now_us| {
                let lie = link.lie(shared.lie, told_here, nth, now_us);
                if lie.is_some() {
                    shared.hits.add(Probe::LieTold);
                }
                self.read_now(shared, lie.is_some(), &read)
            })
            .await
    }

    fn read_now<T>(
        &self,
        shared: &mut Shared,
        is_lie: bool,
        read: impl Fn(&History, Version) -> T,
    ) -> Result<T, StoreError> {
        let newest = shared.newest();
        let history = shared.history_at(self.version)?;
        Ok(read(history, if is_lie { newest } else { self.version }))
    }

    /// The first `limit` rows of `page`, with more behind them, be it so or not.
    fn shorten(&self, mut page: Rows, limit: usize) -> Rows {
        if page.rows.is_empty() {
            return page;
        }
        self.core.probe(if page.rows.len() <= limit && !page.more {
            Probe::MoreWithNothingLeft
        } else {
            Probe::ShortPage
        });
        page.rows.truncate(limit);
        page.more = true;
        page
    }
}

impl Snapshot for SimSnapshot {
    fn version(&self) -> Version {
        self.version
    }

    async fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(
            |history, version| history.get(key, version).map(<[u8]>::to_vec),
            |value, _| value,
        )
        .await
    }

    async fn range(&self, scan: Scan<'_>) -> Result<Rows, StoreError> {
        self.read(
            |history, version| history.range(scan, version),
            |page, limit| self.shorten(page, limit),
        )
        .await
    }
}
