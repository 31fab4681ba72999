//! What the world measures while a run goes on, and what it finds once everything has healed.

use hunt::ShardId;

/// What the world measures while a run goes on, and what it finds once everything has healed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observations {
    /// The most that each core held.
    pub memory: Vec<MemoryPeak>,
    /// Cores that count something else as memory than what they hold, after everything had healed.
    pub miscounted: Vec<(u16, u16)>,
    /// The lowest wall clock of all nodes at the end, in milliseconds, if the nodes had time to act on it.
    pub wall_ms_at_end: Option<u64>,
    /// When all had healed, and one node went for good.
    pub one_left_at_us: Option<u64>,
    /// Until when each node took itself for a living member, in the order in which each came to believe it.
    pub beliefs: Vec<Belief>,
    /// Nodes in whose view a shard fell to a node that hands over what it has: the viewer, and the shard.
    pub misplaced: Vec<(u16, ShardId)>,
    /// When each node closed the shards that it had.
    pub closed: Vec<Closed>,
    /// What did not work again after everything had healed, in words.
    pub not_recovered: Vec<String>,
}

/// The most that one core held in memory, of what its budget counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryPeak {
    /// Which node.
    pub node: u16,
    /// Which core.
    pub core: u16,
    /// What it was allowed at that time.
    pub budget_bytes: u64,
    /// What it held.
    pub peak_bytes: u64,
}

/// Until when a node believed, as this member of the cluster, that nobody else can have taken a shard of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Belief {
    /// When it came to believe that, in microseconds of true virtual time.
    pub at_us: u64,
    /// Which node.
    pub node: u16,
    /// Its membership.
    pub member: u32,
    /// Until when, in microseconds of true virtual time.
    pub until_us: u64,
}

/// A shard was closed by a node that had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// When, in microseconds of true virtual time.
    pub at_us: u64,
    /// Which node.
    pub node: u16,
    /// Which shard.
    pub shard: ShardId,
    /// In which epoch the node had it.
    pub epoch: u64,
}
