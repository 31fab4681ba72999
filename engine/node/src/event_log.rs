//! Reading all events of a store that no engine is running on, shard by shard.

use std::collections::VecDeque;

use hunt::{Event, Seq, ShardId};

use crate::Host;
use crate::format::stored_shards;
use crate::keys::Keys;
use crate::log::{batch_start, read_batches};
use crate::retry::{TransactError, transact};

/// A log that can't be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the log could not be read: {0}")]
pub struct EventLogError(String);

/// The events of every shard, each shard's in order; holds about a megabyte at a time.
pub struct EventLog<'a, H: Host> {
    host: &'a H,
    keys: Keys,
    shards: std::ops::Range<ShardId>,
    /// The shard being read and the sequence to go on from.
    reading: Option<(ShardId, Seq)>,
    page: VecDeque<Event>,
}

impl<'a, H: Host> EventLog<'a, H> {
    /// All events stored under `prefix`, or those of `shard` only.
    pub async fn open(
        host: &'a H,
        prefix: &[u8],
        shard: Option<ShardId>,
    ) -> Result<Self, EventLogError> {
        let keys = Keys::new(prefix);
        let (count, _) = transact(host, async |transaction, _| {
            stored_shards(transaction, &keys).await
        })
        .await
        .map_err(failed)?;
        let shards = match shard {
            Some(shard) => shard..shard.saturating_add(1).min(count.unwrap_or(0)),
            None => 0..count.unwrap_or(0),
        };
        Ok(Self {
            host,
            keys,
            shards,
            reading: None,
            page: VecDeque::new(),
        })
    }

    /// The number of shards that the store has; 0 if nothing was ever stored.
    pub async fn shards(host: &H, prefix: &[u8]) -> Result<u16, EventLogError> {
        let keys = Keys::new(prefix);
        let (count, _) = transact(host, async |transaction, _| {
            stored_shards(transaction, &keys).await
        })
        .await
        .map_err(failed)?;
        Ok(count.unwrap_or(0))
    }

    /// The next event with its shard; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<(ShardId, Event)>, EventLogError> {
        loop {
            if let (Some(event), Some((shard, _))) = (self.page.pop_front(), self.reading) {
                return Ok(Some((shard, event)));
            }
            if !self.read_on().await? {
                return Ok(None);
            }
        }
    }

    /// Reads the next page; false when every shard is read.
    async fn read_on(&mut self) -> Result<bool, EventLogError> {
        let (shard, seq) = match self.reading {
            Some(reading) => reading,
            None => match self.shards.next() {
                Some(shard) => (shard, 1),
                None => return Ok(false),
            },
        };
        let keys = &self.keys;
        let (batches, _) = transact(self.host, async |transaction, _| {
            match batch_start(transaction, keys, shard, seq).await? {
                Some(start) => {
                    read_batches(self.host, transaction, keys, shard, start.max(seq)).await
                }
                None => Ok(Vec::new()),
            }
        })
        .await
        .map_err(failed)?;
        self.reading = batches
            .last()
            .map(|last| (shard, last.header.last_seq() + 1));
        self.page = batches.into_iter().flat_map(|batch| batch.events).collect();
        Ok(true)
    }
}

fn failed(error: TransactError) -> EventLogError {
    EventLogError(error.to_string())
}
