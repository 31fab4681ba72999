//! How a core and its shards are doing, as the metrics show it.

use std::collections::BTreeMap;

use bincode::de::Decoder;
use bincode::enc::Encoder;
use bincode::error::{DecodeError, EncodeError};
use bincode::{Decode, Encode};
use hunt::{Label, Seq, ShardId};

use crate::CoreId;

/// A histogram of powers of two: bucket `i` counts values below `2^i` and at or above `2^(i-1)`.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct Histogram {
    /// Counts by bucket.
    pub buckets: [u64; HISTOGRAM_BUCKETS],
    /// Sum of the values.
    pub sum: u64,
    /// Number of the values.
    pub count: u64,
}

/// Enough for values up to 2^31 (in microseconds: 35 minutes).
pub const HISTOGRAM_BUCKETS: usize = 32;

impl Histogram {
    /// Counts one value.
    pub fn record(&mut self, value: u64) {
        let bucket = (u64::BITS - value.leading_zeros()) as usize;
        self.buckets[bucket.min(HISTOGRAM_BUCKETS - 1)] += 1;
        self.sum = self.sum.saturating_add(value);
        self.count += 1;
    }
}

/// One core.
#[derive(Clone, Debug, Default, Encode, Decode)]
pub struct CoreStatus {
    /// Which core.
    pub core: CoreId,
    /// Every shard of it is open.
    pub ready: bool,
    /// Commands decided.
    pub commands: u64,
    /// Commands by outcome.
    pub outcomes: BTreeMap<Label, u64>,
    /// Requests turned away by limit.
    pub refused: BTreeMap<Label, u64>,
    /// Answers that wait for a commit.
    pub queue_depth: u64,
    /// Events per batch.
    pub batch_events: Histogram,
    /// Microseconds from sending a batch to the store until it is committed.
    pub commit_us: Histogram,
    /// Commits that had to be tried again.
    pub commit_retries: u64,
    /// Commits refused since another owner has the shard.
    pub commits_fenced: OwnFigure,
    /// Bytes of state held in memory.
    pub memory_bytes: u64,
    /// Bytes that it may hold.
    pub memory_budget_bytes: u64,
    /// Player rows read from the store.
    pub rows_loaded: u64,
    /// Rows written to the store.
    pub rows_written: u64,
    /// Player rows evicted from memory.
    pub rows_evicted: u64,
    /// The core's shards.
    pub shards: Vec<ShardStatus>,
}

/// A figure that only the node's own cores tell each other. A letter to another node leaves it out and says 0 there: what
/// nodes of an earlier version read must not change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnFigure(pub u64);

impl Encode for OwnFigure {
    fn encode<E: Encoder>(&self, _: &mut E) -> Result<(), EncodeError> {
        Ok(())
    }
}

impl<Context> Decode<Context> for OwnFigure {
    fn decode<D: Decoder<Context = Context>>(_: &mut D) -> Result<Self, DecodeError> {
        Ok(Self::default())
    }
}

bincode::impl_borrow_decode!(OwnFigure);

impl CoreStatus {
    /// The shards that the core has open, or should have.
    pub fn wanted_shards(&self) -> impl Iterator<Item = &ShardStatus> {
        self.shards.iter().filter(|shard| shard.wanted)
    }
}

/// One shard.
#[derive(Clone, Debug, Default, Encode, Decode)]
pub struct ShardStatus {
    /// Which shard.
    pub shard: ShardId,
    /// It takes commands.
    pub open: bool,
    /// Epoch of the lease.
    pub epoch: u64,
    /// Sequence of the last event, committed or not.
    pub last_seq: Seq,
    /// Sequence of the last committed event.
    pub committed_seq: Seq,
    /// Recovery would replay the log after this sequence.
    pub checkpoint_seq: Seq,
    /// Hunts.
    pub hunts: u64,
    /// Players in memory.
    pub players: u64,
    /// Rows that are newer in memory than in the store.
    pub dirty_rows: u64,
    /// The core has it open, or should.
    pub wanted: bool,
}
