//! Limits of the HTTP API. Each has a name and a default; past each of them a caller gets a documented answer.

use std::sync::Arc;
use std::time::Duration;

use node::{CoreId, NodeId};

use super::metrics::Meters;
use crate::cluster::LinkBoard;

/// What the API of a node of a cluster reaches besides its core.
#[derive(Clone, Debug)]
pub struct ClusterCalls {
    /// How the links to other nodes are doing.
    pub board: Arc<LinkBoard>,
    /// Stops the node.
    pub stop: StopRequest,
}

/// Asks the node to stop in good order, as SIGTERM does.
#[derive(Clone)]
pub struct StopRequest(Arc<dyn Fn() + Send + Sync>);

impl StopRequest {
    /// Asked for by calling `ask`.
    pub fn new(ask: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }

    /// Asks.
    pub fn ask(&self) {
        (self.0)();
    }
}

impl std::fmt::Debug for StopRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StopRequest")
    }
}

/// What an operator may set about the API of one core.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// The node, as `/v1/cluster` shows it.
    pub node: NodeId,
    /// What the node has to do with others; none: it is alone on its store.
    pub cluster: Option<ClusterCalls>,
    /// The core that this API runs on, as the metrics label it.
    pub core: CoreId,
    /// Counters of all cores of the node: make it once, share it with every core.
    pub meters: Arc<Meters>,
    /// Bytes of the body of one command (413 past it).
    pub body_bytes_max: usize,
    /// Bytes of the body of `/v1/batch` (413 past it).
    pub batch_bytes_max: usize,
    /// Batches and hunt definitions that are read and carried out at once on one core (503 past it).
    pub large_bodies_max: usize,
    /// How long a body may take to arrive (408 past it).
    pub body_timeout: Duration,
    /// How long the engine may take for an answer (503 past it; the same Idempotency-Key asked again tells what happened).
    pub request_timeout: Duration,
    /// Requests under way on one core (503 past it, before anything is read).
    pub requests_in_flight_max: usize,
    /// Requests a second that one player may send to one core, on average; 0 is no limit (429 past it).
    pub player_requests_per_s: u32,
    /// Players whose rate is remembered on one core; the longest silent are forgotten first.
    pub players_metered_max: usize,
    /// Verified tokens that are remembered on one core; the longest unused are forgotten first.
    pub tokens_cached_max: usize,
    /// How long `wait_ms` of the feed may be.
    pub feed_wait_max: Duration,
    /// Event streams that are open on one core (503 past it).
    pub sse_streams_max: usize,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            node: NodeId(0),
            cluster: None,
            core: 0,
            meters: Arc::default(),
            body_bytes_max: 16 << 10,
            batch_bytes_max: 4 << 20,
            large_bodies_max: 16,
            body_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(10),
            requests_in_flight_max: 16_384,
            player_requests_per_s: 100,
            players_metered_max: 65_536,
            tokens_cached_max: 32_768,
            feed_wait_max: Duration::from_secs(30),
            sse_streams_max: 256,
        }
    }
}

/// A player may send so many seconds' worth of requests at once.
pub const PLAYER_BURST_S: u32 = 2;
/// Entries of a leaderboard page, if `limit` is not given.
pub const LEADERBOARD_LIMIT_DEFAULT: usize = 10;
/// Events of a page, if `limit` is not given.
pub const EVENTS_LIMIT_DEFAULT: usize = 100;
/// Events that an event stream asks for at a time: what a slow reader can hold in memory.
pub const STREAM_PAGE_EVENTS: usize = 256;
/// An event stream that has nothing to say sends a comment this often.
pub const STREAM_HEARTBEAT: Duration = Duration::from_secs(15);
/// Milliseconds after which the reader of a broken event stream connects again.
pub const STREAM_RETRY_MS: u64 = 1_000;
/// Milliseconds after which to come back when a limit of the API itself was reached.
pub const RETRY_AFTER_MS: u64 = 1_000;
/// Seconds by which the clock of who signs tokens may differ from ours.
pub const TOKEN_LEEWAY_S: u64 = 5;
/// Bytes of a token.
pub const TOKEN_BYTES_MAX: usize = 4 << 10;
/// Bytes of a token that is worth remembering.
pub const TOKEN_CACHED_BYTES_MAX: usize = 1 << 10;
/// Bytes of an HS256 secret at least (RFC 7518, 3.2: as many as the hash has).
pub const SECRET_BYTES_MIN: usize = 32;
/// Keys that tokens may be signed with.
pub const KEYS_MAX: usize = 16;

const _: () = assert!(
    TOKEN_CACHED_BYTES_MAX <= TOKEN_BYTES_MAX,
    "what is remembered was accepted first"
);
const _: () = assert!(
    EVENTS_LIMIT_DEFAULT <= node::EVENTS_PAGE_MAX,
    "a default is within its limit"
);
const _: () = assert!(
    STREAM_PAGE_EVENTS <= node::EVENTS_PAGE_MAX,
    "a page of a stream is a page"
);
const _: () = assert!(
    LEADERBOARD_LIMIT_DEFAULT <= node::LEADERBOARD_PAGE_MAX,
    "a default is within its limit"
);
