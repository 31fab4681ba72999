//! Reading a shard's log: batches in order, each checked against its checksum, its header and its key.

use hunt::{Event, Seq, ShardId, decode_events};
use store::{KeySelector, RangeRead, Transaction};

use crate::Host;
use crate::keys::Keys;
use crate::record::{BatchHeader, decode_batch};
use crate::retry::TransactError;

/// The bytes of log that one read asks for.
const READ_BYTES: usize = 1 << 20;
/// The same in a simulation that has reads end anywhere.
const SIMULATED_READ_BYTES: usize = 300;

/// One batch as it was committed.
#[derive(Clone, Debug)]
pub(crate) struct StoredBatch {
    /// What stands in front of it.
    pub(crate) header: BatchHeader,
    /// Its events.
    pub(crate) events: Vec<Event>,
}

/// Writes the chunks of a batch.
pub(crate) fn write_batch<'a>(
    transaction: &impl Transaction,
    keys: &Keys,
    shard: ShardId,
    first_seq: Seq,
    chunks: impl Iterator<Item = (usize, &'a [u8])>,
) {
    for (chunk, part) in chunks {
        transaction.set(&keys.batch(shard, first_seq, chunk), part);
    }
}

/// First sequence of the batch that holds `seq`; of the first batch if all are later; `None` for an empty log.
pub(crate) async fn batch_start(
    transaction: &impl Transaction,
    keys: &Keys,
    shard: ShardId,
    seq: Seq,
) -> Result<Option<Seq>, TransactError> {
    let log = keys.log(shard);
    let at_or_before = KeySelector::last_less_or_equal(keys.batch(shard, seq, usize::MAX));
    let key = transaction.get_key(&at_or_before, true).await?;
    if log.contains(&key) {
        return Ok(Some(first_seq_of(keys, &key)?));
    }
    let first = transaction
        .get_range(&RangeRead::of(&log).limit(1), true)
        .await?;
    first
        .rows
        .first()
        .map(|(key, _)| first_seq_of(keys, key))
        .transpose()
}

/// Whole batches from the one that starts at `first_seq` on, about [`READ_BYTES`] of them. Empty at the end of the log.
pub(crate) async fn read_batches(
    host: &impl Host,
    transaction: &impl Transaction,
    keys: &Keys,
    shard: ShardId,
    first_seq: Seq,
) -> Result<Vec<StoredBatch>, TransactError> {
    let bytes = match host.buggify("shrink_log_page") {
        true => SIMULATED_READ_BYTES,
        false => READ_BYTES,
    };
    let mut read = RangeRead::of(&keys.log_from(shard, first_seq)).bytes_target(bytes);
    let mut assembly = Assembly::default();
    loop {
        let page = transaction.get_range(&read, true).await?;
        for (key, value) in &page.rows {
            assembly.add(keys, key, value)?;
        }
        match read.next(&page) {
            // A batch is cut by the page's end at most at its last chunks: read on until it is whole.
            Some(next) if assembly.is_partial() || assembly.batches.is_empty() => read = next,
            _ => return assembly.finish(),
        }
    }
}

/// The one batch that starts at `first_seq`.
pub(crate) async fn read_batch(
    transaction: &impl Transaction,
    keys: &Keys,
    shard: ShardId,
    first_seq: Seq,
) -> Result<Option<StoredBatch>, TransactError> {
    let mut assembly = Assembly::default();
    for (key, value) in store::rows_all(
        transaction,
        &RangeRead::of(&keys.batch_chunks(shard, first_seq)),
        true,
    )
    .await?
    {
        assembly.add(keys, &key, &value)?;
    }
    Ok(assembly.finish()?.pop())
}

fn first_seq_of(keys: &Keys, key: &[u8]) -> Result<Seq, TransactError> {
    keys.unpack_batch(key)
        .map(|(first_seq, _)| first_seq)
        .map_err(|error| TransactError::Corrupt(error.to_string()))
}

/// Puts chunks together again.
#[derive(Default)]
struct Assembly {
    batches: Vec<StoredBatch>,
    first_seq: Seq,
    chunks: u64,
    bytes: Vec<u8>,
}

impl Assembly {
    fn add(&mut self, keys: &Keys, key: &[u8], value: &[u8]) -> Result<(), TransactError> {
        let (first_seq, chunk) = keys
            .unpack_batch(key)
            .map_err(|error| TransactError::Corrupt(error.to_string()))?;
        if chunk == 0 {
            self.complete()?;
            self.first_seq = first_seq;
        }
        if first_seq != self.first_seq || chunk != self.chunks {
            return Err(TransactError::Corrupt(format!(
                "batch {first_seq}: chunk {chunk} stands where chunk {} should",
                self.chunks
            )));
        }
        self.chunks += 1;
        self.bytes.extend_from_slice(value);
        Ok(())
    }

    /// Whether chunks may be missing. Only a batch of more than one chunk's size can be cut.
    fn is_partial(&self) -> bool {
        self.chunks > 0 && decode_batch(&self.bytes).is_err()
    }

    fn complete(&mut self) -> Result<(), TransactError> {
        if self.chunks > 0 {
            self.batches
                .push(decode_stored(self.first_seq, &self.bytes)?);
            self.chunks = 0;
            self.bytes.clear();
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<StoredBatch>, TransactError> {
        self.complete()?;
        Ok(self.batches)
    }
}

/// Decodes a batch and checks it against the key that it was stored at.
pub(crate) fn decode_stored(first_seq: Seq, bytes: &[u8]) -> Result<StoredBatch, TransactError> {
    let corrupt = |detail: String| TransactError::Corrupt(format!("batch {first_seq}: {detail}"));
    let (header, encoded) = decode_batch(bytes).map_err(|error| corrupt(error.to_string()))?;
    let events = decode_events(first_seq, encoded).map_err(|error| corrupt(error.to_string()))?;
    if header.first_seq != first_seq {
        return Err(corrupt(format!(
            "its header says that it starts at {}",
            header.first_seq
        )));
    }
    if events.len() as u64 != u64::from(header.count) || events.is_empty() {
        return Err(corrupt(format!(
            "its header says {} events, it has {}",
            header.count,
            events.len()
        )));
    }
    Ok(StoredBatch { header, events })
}
