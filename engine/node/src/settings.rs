//! What an operator may set, and the limits that nobody may.

use std::time::Duration;

/// Settings of the cores of one node.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Shards of the cluster. Fixed when a store is first used.
    pub shards: u16,
    /// All keys begin with this.
    pub prefix: Vec<u8>,
    /// Bytes of hunts and players that one core may hold in memory.
    pub memory_bytes: u64,
    /// Events that may wait for their commit in one shard; past it callers are told "overloaded".
    pub batch_events_max: usize,
    /// Bytes that one batch may hold.
    pub batch_bytes_max: usize,
    /// Answers that may wait in one shard.
    pub waiters_max: usize,
    /// A commit under way for longer than this has stalled: callers are told to come back later.
    pub commit_stall: Duration,
    /// Players' rows that may be read at once for one shard.
    pub loads_max: usize,
    /// Requests to other cores that may be under way from one core.
    pub asks_max: usize,
    /// How long an answer of another core is waited for.
    pub ask_timeout: Duration,
    /// A row that is newer in memory than in the store is written after this long.
    pub flush_after: Duration,
    /// Rows newer in memory than in the store, per shard, past which they are written at once.
    pub dirty_rows_max: usize,
    /// Rows that one transaction writes.
    pub flush_rows_max: usize,
    /// Bytes of committed batches that one core keeps for feeds and repeated answers.
    pub tail_bytes: usize,
    /// How often a core looks round. Bounds how late a schedule fires on an idle hunt.
    pub tick: Duration,
    /// How this node shares its store with others; none: it is alone on it.
    pub cluster: Option<ClusterSettings>,
}

/// How nodes tell that the others live.
#[derive(Clone, Debug)]
pub struct ClusterSettings {
    /// A node whose heartbeat does not change for so long is taken for dead.
    pub lease: Duration,
    /// How often a node says that it lives: a fraction of the lease.
    pub heartbeat: Duration,
    /// How other nodes reach this one; at most [`ADDRESS_BYTES_MAX`] bytes.
    pub address: String,
    /// How long a request waits for its shard while that moves from one owner to the next, before it is told "not ready".
    pub patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            shards: 64,
            prefix: b"hunt".to_vec(),
            memory_bytes: 256 << 20,
            batch_events_max: 16_384,
            batch_bytes_max: 2 << 20,
            waiters_max: 65_536,
            commit_stall: Duration::from_secs(2),
            loads_max: 16_384,
            asks_max: 65_536,
            ask_timeout: Duration::from_secs(3),
            flush_after: Duration::from_secs(1),
            dirty_rows_max: 16_384,
            flush_rows_max: 512,
            tail_bytes: 8 << 20,
            tick: Duration::from_millis(10),
            cluster: None,
        }
    }
}

/// Bytes of a node's address.
pub const ADDRESS_BYTES_MAX: usize = 255;
/// Commands in one [`crate::Request::Commands`].
pub const COMMANDS_PER_REQUEST_MAX: usize = 10_000;
/// Entries of one page of a ranking.
pub const LEADERBOARD_PAGE_MAX: usize = 1_000;
/// Events of one page of a hunt's events or of the feed.
pub const EVENTS_PAGE_MAX: usize = 10_000;
