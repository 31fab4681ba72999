//! Committing a batch: check the lease, append the batch, take its place in the global order; one transaction.

use hunt::{Event, Seq, ShardId, encode_events};
use store::{KeyRange, Store, Transaction};

use crate::Host;
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
}

impl SealedBatch {
    /// Seals `events` (at least one) for the owner of `epoch`.
    pub(crate) fn new(shard: ShardId, epoch: u64, events: &[Event]) -> Self {
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
        }
    }

    /// Commits the batch, as often as it takes. Says how many tries failed before.
    pub(crate) async fn commit<H: Host>(
        &self,
        host: &H,
        keys: &Keys,
    ) -> Result<Attempt, TransactError> {
        let (attempt, _) = transact(host, async |transaction, attempt| {
            self.attempt(host, transaction, attempt, keys).await
        })
        .await?;
        Ok(attempt)
    }

    async fn attempt<H: Host>(
        &self,
        host: &H,
        transaction: &<H::Store as Store>::Transaction,
        attempt: Attempt,
        keys: &Keys,
    ) -> Result<Attempt, TransactError> {
        let own_key = keys.batch(self.shard, self.first_seq, 0);
        if attempt == 0 {
            transaction.add_read_conflict_range(&KeyRange::single(&own_key));
        } else if let Some(stored) = transaction.get(&own_key, false).await? {
            host.probe("unknown_then_committed");
            return self.already_there(&stored, attempt);
        } else {
            host.probe("unknown_then_absent");
        }
        check_lease(transaction, keys, self.shard, self.epoch).await?;
        write_batch(transaction, keys, self.shard, self.first_seq, &self.bytes);
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
