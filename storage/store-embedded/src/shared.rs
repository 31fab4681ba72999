//! What the committer, the upkeep and the handles of all cores share.

use std::path::PathBuf;
use std::sync::Arc;

use crate::EmbeddedSettings;
use crate::commit_queue::CommitQueue;
use crate::health::Health;
use crate::metrics::Counters;
use crate::tables::{Tables, TablesFault};
use crate::timeline::Timeline;
use crate::upkeep::Upkeep;
use crate::watches::Watches;

pub(crate) struct Shared {
    pub(crate) settings: EmbeddedSettings,
    /// The directory of the log.
    pub(crate) log: PathBuf,
    pub(crate) tables: Tables,
    pub(crate) timeline: Timeline,
    pub(crate) queue: CommitQueue,
    pub(crate) watches: Arc<Watches>,
    pub(crate) upkeep: Upkeep,
    pub(crate) health: Health,
    pub(crate) counters: Counters,
}

impl Shared {
    /// Writes the oldest full buffer into a table; the last group in it. None if no buffer is full.
    pub(crate) fn flush_oldest(&self) -> Result<Option<u64>, TablesFault> {
        let flushed = self.tables.flush_oldest()?;
        Counters::add(&self.counters.flushes, flushed.is_some().into());
        Ok(flushed)
    }
}
