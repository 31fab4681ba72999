//! What the committer, the upkeep and the handles of all cores share.

use std::path::PathBuf;
use std::sync::Arc;

use crate::EmbeddedSettings;
use crate::commit_queue::CommitQueue;
use crate::health::Health;
use crate::metrics::Counters;
use crate::tables::Tables;
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
