//! What is stored, and who wrote it: taken from the database itself, never from a node.

use hunt::{Event, Seq, ShardId};
use node::inspect::Beat;
use store::Versionstamp;

/// The stored state at the end, and every change of the log, of leases and of heartbeats on the way there.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// Batches as they landed, in the order of their commits.
    pub batches: Vec<LandedBatch>,
    /// Leases as they changed, in the order of their commits.
    pub leases: Vec<LandedLease>,
    /// Heartbeats as they were written and removed, in the order of their commits.
    pub heartbeats: Vec<LandedHeartbeat>,
    /// The global order as it is stored at the end.
    pub order: Vec<OrderEntry>,
    /// What `node::verify` finds in the store at the end.
    pub faults: Vec<String>,
}

/// A batch of the log, as it was committed.
#[derive(Clone, Debug)]
pub struct LandedBatch {
    /// The commit.
    pub stamp: Versionstamp,
    /// When it was applied, in microseconds of true virtual time.
    pub at_us: u64,
    /// Which node's and core's transaction it was.
    pub writer: (u16, u16),
    /// The shard.
    pub shard: ShardId,
    /// Epoch in the batch's header.
    pub epoch: u64,
    /// Its events, in order of sequence.
    pub events: Vec<Event>,
}

/// A lease, as it was written.
#[derive(Clone, Copy, Debug)]
pub struct LandedLease {
    /// The commit.
    pub stamp: Versionstamp,
    /// When it was applied, in microseconds of true virtual time.
    pub at_us: u64,
    /// Whose transaction it was.
    pub writer: (u16, u16),
    /// The shard.
    pub shard: ShardId,
    /// The epoch.
    pub epoch: u64,
    /// The owner.
    pub node: u64,
    /// It was given up.
    pub released: bool,
}

/// A heartbeat, as it was written or removed.
#[derive(Clone, Copy, Debug)]
pub struct LandedHeartbeat {
    /// When it was applied, in microseconds of true virtual time.
    pub at_us: u64,
    /// Whose transaction it was.
    pub writer: (u16, u16),
    /// The node that it is of.
    pub node: u64,
    /// Which beat it is; none if the heartbeat was removed.
    pub beat: Option<Beat>,
}

/// One place of the global order.
#[derive(Clone, Copy, Debug)]
pub struct OrderEntry {
    /// The commit.
    pub stamp: [u8; 10],
    /// Shard of the batch.
    pub shard: ShardId,
    /// Its first sequence.
    pub first_seq: Seq,
    /// How many events.
    pub count: u32,
}
