//! Committing a batch: check the lease, append the batch, take its place in the global order; one transaction.

use std::cell::Cell;
use std::time::Duration;

use hunt::{Event, Seq, ShardId, encode_events};
use store::{KeyRange, Store, Transaction};

use crate::Host;
use crate::chunks::chunks;
use crate::fence::Fence;
use crate::keys::Keys;
use crate::lease::check_lease;
use crate::log::write_batch;
use crate::record::{BatchHeader, FeedEntry, encode, encode_batch};
use crate::retry::{Attempt, TransactError, transact};

/// A batch as it will be stored. Fixed before the first try, so that committing it twice is harmless.
pub(crate) struct SealedBatch {
    shard: ShardId,
    epoch: u64,
    first_seq: Seq,
    bytes: Vec<u8>,
    feed_entry: Vec<u8>,
    chunk_bytes: usize,
}

/// How a batch came into the log.
pub(crate) struct Appended {
    /// Tries that failed before.
    pub(crate) retries: Attempt,
    /// What the commit proves to the next batch.
    pub(crate) fence: Option<Fence>,
}

impl SealedBatch {
    /// Seals `events` (at least one) for the owner of `epoch`, to be stored in chunks of so many bytes.
    pub(crate) fn new(shard: ShardId, epoch: u64, events: &[Event], chunk_bytes: usize) -> Self {
        let (first, last) = (&events[0], &events[events.len() - 1]);
        let encoded = encode_events(events);
        let count = u32::try_from(events.len()).expect("a batch has far fewer events");
        let header = BatchHeader {
            epoch,
            first_seq: first.seq,
            count,
            at: last.at.0,
            bytes: u32::try_from(encoded.len()).expect("a batch has far fewer bytes"),
        };
        Self {
            shard,
            epoch,
            first_seq: first.seq,
            bytes: encode_batch(&header, &encoded),
            feed_entry: encode(&FeedEntry {
                shard,
                first_seq: first.seq,
                count,
            }),
            chunk_bytes,
        }
    }

    /// Commits the batch, as often as it takes. With the `fence` of the batch before, the first try reads nothing.
    pub(crate) async fn commit<H: Host>(
        &self,
        host: &H,
        keys: &Keys,
        fence: Option<Fence>,
    ) -> Result<Appended, TransactError> {
        let last_try = Cell::new((Duration::ZERO, None));
        let (retries, committed) = transact(host, async |transaction, attempt| {
            let now = host.monotonic();
            let usable = attempt == 0 && !host.buggify("forget_fence");
            let fence = fence.filter(|fence| usable && fence.holds(now));
            last_try.set((now, fence));
            self.attempt(host, transaction, attempt, keys, fence).await
        })
        .await?;
        let (asked_at, behind) = last_try.get();
        Ok(Appended {
            retries,
            fence: Fence::proven_by(&committed, asked_at, behind),
        })
    }

    async fn attempt<H: Host>(
        &self,
        host: &H,
        transaction: &<H::Store as Store>::Transaction,
        attempt: Attempt,
        keys: &Keys,
        fence: Option<Fence>,
    ) -> Result<Attempt, TransactError> {
        let own_key = keys.batch(self.shard, self.first_seq, 0);
        if let Some(fence) = fence {
            host.probe("lease_behind_fence");
            transaction.set_read_version(fence.read_version());
            transaction.add_read_conflict_range(&KeyRange::single(&keys.lease(self.shard)));
        }
        if attempt == 0 {
            transaction.add_read_conflict_range(&KeyRange::single(&own_key));
        } else if let Some(stored) = transaction.get(&own_key, false).await? {
            host.probe("unknown_then_committed");
            return self.already_there(&stored, attempt);
        } else {
            host.probe("unknown_then_absent");
        }
        if fence.is_none() {
            check_lease(transaction, keys, self.shard, self.epoch).await?;
        }
        let chunks = chunks(&self.bytes, self.chunk_bytes);
        write_batch(transaction, keys, self.shard, self.first_seq, chunks);
        keys.append_to_feed(transaction, &self.feed_entry);
        Ok(attempt)
    }

    /// An earlier try succeeded after all, unless someone else wrote there.
    fn already_there(&self, stored: &[u8], attempt: Attempt) -> Result<Attempt, TransactError> {
        if self.bytes.starts_with(stored) {
            return Ok(attempt);
        }
        Err(TransactError::Fenced {
            epoch: self.epoch + 1,
        })
    }
}
