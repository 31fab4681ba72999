//! What the shards of a core have in common.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use hunt::{Event, Seq, ShardId};

use crate::counters::Counters;
use crate::feed_hub::FeedHub;
use crate::keys::Keys;
use crate::log::{batch_start, read_batch};
use crate::retry::{TransactError, transact};
use crate::shard::unavailable;
use crate::tail::Tail;
use crate::view::View;
use crate::{AskError, Host, Place, Settings};

/// Past the budget by so many percent, no further rows are read into memory.
const MEMORY_HARD_PERCENT: u64 = 125;

/// Host, settings, counters and caches of one core.
pub(crate) struct Shared<H: Host> {
    /// What the core stands on.
    pub(crate) host: H,
    /// As the operator set them.
    pub(crate) settings: Settings,
    /// Where everything is stored.
    pub(crate) keys: Keys,
    /// Where the core stands.
    pub(crate) place: Place,
    /// For the metrics.
    pub(crate) counters: Counters,
    /// The newest committed batches.
    pub(crate) tail: RefCell<Tail>,
    /// Who waits for the feed.
    pub(crate) feed: FeedHub,
    /// The cluster as this node sees it; none yet, or alone.
    view: RefCell<Option<Arc<View>>>,
    /// Bytes that the core's shards hold: counted at every upkeep, estimated in between.
    pub(crate) memory_bytes: Cell<u64>,
}

impl<H: Host> Shared<H> {
    /// For the core at `place`.
    pub(crate) fn new(host: H, settings: Settings, place: Place) -> Self {
        Self {
            keys: Keys::new(&settings.prefix),
            counters: Counters::default(),
            tail: RefCell::new(Tail::new(settings.tail_bytes)),
            feed: FeedHub::default(),
            view: RefCell::new(None),
            memory_bytes: Cell::new(0),
            host,
            settings,
            place,
        }
    }

    /// The cluster as this node sees it.
    pub(crate) fn view(&self) -> Option<Arc<View>> {
        self.view.borrow().clone()
    }

    /// Replaces what is seen.
    pub(crate) fn set_view(&self, view: Arc<View>) {
        self.view.replace(Some(view));
    }

    /// The node's membership of the cluster; 0 if it has none.
    pub(crate) fn member(&self) -> u32 {
        self.view.borrow().as_ref().map_or(0, |view| view.member)
    }

    /// Whether what is in memory may be answered from: nobody else can have taken a shard of this node by now.
    ///
    /// To be asked in the moment in which the state is looked at. What happens to the shard afterwards came after the
    /// question, so the answer was right while it was asked.
    pub(crate) fn is_fresh(&self) -> bool {
        if self.settings.cluster.is_none() {
            return true;
        }
        let fresh_until = self
            .view
            .borrow()
            .as_ref()
            .map_or(std::time::Duration::ZERO, |view| view.fresh_until);
        self.host.monotonic() < fresh_until
    }

    /// Whether so much is held that nothing more may come to memory.
    pub(crate) fn is_out_of_memory(&self) -> bool {
        self.memory_bytes.get() > self.settings.memory_bytes / 100 * MEMORY_HARD_PERCENT
    }

    /// Bytes held above the budget.
    pub(crate) fn excess_bytes(&self) -> u64 {
        self.memory_bytes
            .get()
            .saturating_sub(self.settings.memory_bytes)
    }

    /// Drops cached batches as far as there is too much in memory: they can be read again from the log.
    pub(crate) fn free_tail(&self) {
        let freed = self.tail.borrow_mut().free(self.excess_bytes());
        if freed > 0 {
            self.host.probe("tail_freed_for_memory");
            self.shrink(freed);
        }
    }

    /// More is held since the last count.
    pub(crate) fn grow(&self, bytes: u64) {
        self.memory_bytes.set(self.memory_bytes.get() + bytes);
    }

    /// Less is held since the last count.
    pub(crate) fn shrink(&self, bytes: u64) {
        self.memory_bytes
            .set(self.memory_bytes.get().saturating_sub(bytes));
    }

    /// Reads one event of the log.
    pub(crate) async fn read_event(&self, shard: ShardId, seq: Seq) -> Result<Event, AskError> {
        let events = self
            .read_batch_at(shard, seq)
            .await
            .map_err(|error| unavailable(format!("the log could not be read: {error}")))?;
        let found = events.into_iter().find(|event| event.seq == seq);
        found.ok_or_else(|| {
            unavailable(format!(
                "event {seq} of shard {shard} is missing from the log: run hunt-engine verify"
            ))
        })
    }

    /// Reads the batch that holds `seq`.
    pub(crate) async fn read_batch_at(
        &self,
        shard: ShardId,
        seq: Seq,
    ) -> Result<Vec<Event>, TransactError> {
        let (batch, _) = transact(&self.host, async |transaction, _| {
            match batch_start(transaction, &self.keys, shard, seq).await? {
                Some(start) => read_batch(transaction, &self.keys, shard, start).await,
                None => Ok(None),
            }
        })
        .await?;
        Ok(batch.map(|batch| batch.events).unwrap_or_default())
    }
}
