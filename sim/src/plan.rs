//! Everything that a run is made of, as data: drawn from a seed, read from a file, or shrunk.

mod check;

use serde::{Deserialize, Serialize};

use crate::fault::{FaultId, Injection};

pub use check::{DURATION_MS_MAX, PlanError};

/// Version of the file format of a plan.
pub const PLAN_FORMAT: u32 = 1;

/// One run. Two runs of an equal plan are equal in every step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// [`PLAN_FORMAT`].
    pub format: u32,
    /// What all randomness of the run derives from.
    pub seed: u64,
    /// What the clients do.
    pub workload: Workload,
    /// How long clients act and faults happen; afterwards everything heals and must complete.
    pub duration_ms: u64,
    /// Nodes of the cluster, numbered from 1.
    pub nodes: u16,
    /// Cores of each node.
    pub cores: u16,
    /// Settings of the engine.
    pub engine: EnginePlan,
    /// Who asks.
    pub clients: Vec<ClientPlan>,
    /// Clients that are meant where one speaks of another's players. Not there: as many as there are. A number: those up to it,
    /// so that taking one away does not change what the others say (shrinking).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named_clients: Option<u64>,
    /// How often which random fault happens.
    pub rates: Rates,
    /// What happens at a certain time.
    pub disasters: Vec<Disaster>,
    /// Which of all these faults do happen.
    #[serde(default)]
    pub injection: Injection,
    /// How the scheduler chooses among ready tasks. Not there: by one stream of the seed. A number: each choice by that
    /// number, its instant and its place there, so that the choices of other instants stay when something is taken away
    /// (shrinking, which also tries several numbers).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<u64>,
    /// The lie that the store is told to tell, to see that it is caught (a name of `store_sim::Lie`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lie: Option<String>,
}

/// What the clients do. Each is a way to break the engine that has broken others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Workload {
    /// All rush for finite stock.
    Stampede,
    /// Many solve the clue whose first solver wins.
    FirstToSolve,
    /// Guesses at the cap, with cooldowns.
    GuessStorm,
    /// Solves race with open, freeze, close, and with scheduled ones.
    ScheduleEdges,
    /// Restocks while claims go on.
    Restock,
    /// Every request is sent again and again, also at once and to several nodes.
    RetryStorm,
    /// One key is used for two commands.
    KeyReuse,
    /// Far more players than memory holds: rows come and go.
    Churn,
    /// Batches of commands, with repetitions inside.
    Batches,
    /// Nodes are drained and restarted one by one while players play.
    RollingRestart,
    /// Owners change all the time.
    TakeoverStorm,
    /// Nodes are apart for long.
    LongPartition,
    /// Feed consumers that crash and resume, far behind.
    FeedCatchUp,
    /// A bit of everything.
    Mixed,
    /// Hunts as nobody would write them: clues, unlocks, awards and times as the seed has it.
    Puzzle,
    /// Requests are asked again when they are just about to be forgotten.
    RequestMemory,
    /// Owners that can't hear that they are replaced, asked as often as possible.
    StaleOwner,
    /// As many commands at once as possible.
    Dense,
}

/// Settings of the engine in this run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnginePlan {
    /// Shards of the cluster.
    pub shards: u16,
    /// Bytes of hunts and players per core.
    pub memory_bytes: u64,
    /// Events that may wait for their commit in one shard.
    pub batch_events_max: usize,
    /// Bytes that one batch may hold.
    pub batch_bytes_max: usize,
    /// Answers that may wait in one shard.
    pub waiters_max: usize,
    /// Players' rows that may be read at once for one shard.
    #[serde(default = "loads_max_default")]
    pub loads_max: usize,
    /// Requests to other cores under way from one core.
    pub asks_max: usize,
    /// How long an answer of another core is waited for.
    pub ask_timeout_ms: u64,
    /// How long a dirty row waits.
    pub flush_after_ms: u64,
    /// Dirty rows past which they are written at once.
    pub dirty_rows_max: usize,
    /// Rows that one transaction writes.
    #[serde(default = "flush_rows_max_default")]
    pub flush_rows_max: usize,
    /// Bytes of committed batches kept in memory.
    pub tail_bytes: usize,
    /// How often a core looks round.
    pub tick_ms: u64,
    /// How long a silent node keeps its shards.
    pub lease_ms: u64,
    /// How often a node says that it lives.
    pub heartbeat_ms: u64,
    /// Messages that fit the way between two cores of a node.
    pub ring_messages_max: usize,
}

impl EnginePlan {
    /// When a commit has stalled.
    pub(crate) fn commit_stall_ms(&self) -> u64 {
        self.ask_timeout_ms / 2
    }
}

/// As many as in production, where a plan does not say.
fn loads_max_default() -> usize {
    node::Settings::default().loads_max
}

/// As many as in production, where a plan does not say.
fn flush_rows_max_default() -> usize {
    node::Settings::default().flush_rows_max
}

impl Plan {
    /// The clients up to this number are meant where one speaks of another's players; one where there are none.
    pub fn named(&self) -> u64 {
        self.named_clients
            .unwrap_or_else(|| (self.clients.len() as u64).max(1))
    }
}

/// One client. Its n-th command derives from (seed, client, n) alone, so that any can be left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientPlan {
    /// Names the client in the run, also after others were taken away.
    pub id: u32,
    /// What kind of client.
    pub role: Role,
    /// How many operations it begins at most.
    pub ops: u32,
    /// Mean pause between the end of one and the begin of the next.
    pub think_ms: u64,
    /// When it begins; hunts are made from the start all the same.
    #[serde(default)]
    pub from_ms: u64,
    /// Operations that are left out (shrinking).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<u32>,
}

/// What a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Plays (several players may hide behind one client).
    Player,
    /// Makes, opens, freezes, restocks hunts.
    Operator,
    /// Reads the feed, crashes, resumes.
    FeedReader,
    /// Looks: progress, leaderboard, stats, events.
    Onlooker,
}

/// Something that happens at a certain time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disaster {
    /// Its identity, `plan/<n>`.
    pub id: FaultId,
    /// When it begins.
    pub at_ms: u64,
    /// What.
    pub what: DisasterKind,
}

/// What can happen at a certain time. Nodes are numbers from 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DisasterKind {
    /// The node's memory is gone; it starts again after a while.
    Kill {
        /// Which.
        node: u16,
        /// For how long; 0: until the end of the faults.
        down_ms: u64,
    },
    /// It stops in good order, then starts again.
    Restart {
        /// Which.
        node: u16,
        /// For how long it is down; 0: until the end of the faults.
        down_ms: u64,
    },
    /// None of its tasks runs for a while; its clocks go on.
    Pause {
        /// Which.
        node: u16,
        /// For how long.
        for_ms: u64,
    },
    /// None of the tasks of one of its cores runs for a while; the other cores go on.
    PauseCore {
        /// Which node.
        node: u16,
        /// Which core, from 0.
        core: u16,
        /// For how long.
        for_ms: u64,
    },
    /// A second process is started under the node's name while the first, which nobody can reach any more, still runs. The
    /// first can't reach the store for a while, and finds out afterwards.
    Twin {
        /// Which.
        node: u16,
        /// For how long it can't reach the store.
        for_ms: u64,
    },
    /// Each poll of its tasks takes this much time.
    Slow {
        /// Which.
        node: u16,
        /// For how long.
        for_ms: u64,
        /// How much time.
        poll_us: u64,
    },
    /// Its wall clock jumps.
    WallJump {
        /// Which.
        node: u16,
        /// How far, and whether forth or back.
        by_ms: i64,
    },
    /// Its clocks run fast or slow from now on.
    Drift {
        /// Which.
        node: u16,
        /// By how much, in parts per million.
        ppm: i64,
    },
    /// Messages from one group of nodes to the other are lost.
    Partition {
        /// Those who are not heard.
        from: Vec<u16>,
        /// Those who don't hear them.
        to: Vec<u16>,
        /// Nor do they hear the others.
        both: bool,
        /// For how long.
        for_ms: u64,
    },
    /// Messages from one node to the other wait until the end of it.
    Clog {
        /// The sender.
        from: u16,
        /// The receiver.
        to: u16,
        /// For how long.
        for_ms: u64,
    },
    /// The nodes are cut off one after the other, in a random order, and come back in another (FoundationDB's swizzle).
    Swizzle {
        /// Which.
        nodes: Vec<u16>,
        /// Between one and the next.
        each_ms: u64,
    },
    /// Clients can't reach the node.
    NoClients {
        /// Which.
        node: u16,
        /// For how long.
        for_ms: u64,
    },
    /// The node can't reach the store.
    CutOff {
        /// Which.
        node: u16,
        /// For how long.
        for_ms: u64,
    },
    /// Nobody can use the store.
    StoreUnavailable {
        /// For how long.
        for_ms: u64,
    },
    /// The store recovers: what is in flight is killed.
    StoreRecovery,
    /// The node is killed and must make do with less memory, or has more for a while; later starts of it have as much as ever.
    MemoryPressure {
        /// Which.
        node: u16,
        /// For how long.
        for_ms: u64,
        /// Bytes that each of its cores may hold.
        bytes: u64,
    },
}

/// Most doublings of [`Rates::tail_doublings`].
pub const TAIL_DOUBLINGS_MAX: u32 = 6;

/// How often a random fault happens: per million of its opportunities. 0: never in this run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rates {
    /// A message (between nodes, or between a client and a node) never arrives.
    pub message_lost: u32,
    /// It arrives twice.
    pub message_doubled: u32,
    /// It arrives long after those that were sent later.
    pub message_late: u32,
    /// A commit is told that it conflicts, though it does not.
    pub commit_conflict: u32,
    /// A commit is done, and told that nobody knows.
    pub commit_unknown_done: u32,
    /// A commit is not done, and told that nobody knows.
    pub commit_unknown_not_done: u32,
    /// A commit is told that it timed out, and done later.
    pub commit_late: u32,
    /// A commit is told that its read version is too old.
    pub commit_too_old: u32,
    /// A commit takes long.
    pub commit_slow: u32,
    /// A commit is not answered before its transaction times out.
    pub commit_hangs: u32,
    /// A read (or a question for a read version) takes long.
    pub read_slow: u32,
    /// A read is not answered before its transaction times out.
    pub read_hangs: u32,
    /// A read is told that its version is too old.
    pub read_too_old: u32,
    /// A read is told that the store has not come to its version yet.
    pub read_future_version: u32,
    /// A read is told that the server lags behind.
    pub read_process_behind: u32,
    /// A page says that there is more, be it so or not.
    pub read_more_of_nothing: u32,
    /// A watch is told of a change that was none.
    pub watch_spurious: u32,
    /// A buggify site that is on in this run fires.
    pub buggify: u32,
    /// A buggify site is on in this run.
    pub buggify_sites: u32,
    /// The planted lie is told by an operation that can tell it.
    pub lie: u32,
    /// Window of the store in versions; 0 for FoundationDB's own 5,000,000.
    pub window_versions: u64,
    /// Commits are resolved at multiples of this many microseconds only, so that many share a version; 0: at any time.
    pub commit_interval_us: u32,
    /// Mean one-way latency between nodes, and between clients and nodes, in microseconds.
    pub network_us: u32,
    /// Mean one-way latency between nodes and the store, in microseconds.
    pub store_us: u32,
    /// The longest latencies are 2 to this power times the mean, [`TAIL_DOUBLINGS_MAX`] at most; each doubling is half as
    /// frequent as the one before. 0: none is longer than one and a half of the mean.
    pub tail_doublings: u32,
}
