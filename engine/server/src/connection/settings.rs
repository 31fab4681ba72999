//! What a connection may cost.

use std::time::Duration;

/// Limits of the connections of one core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionSettings {
    /// Connections of one core; one more is answered 503 and closed.
    pub connections_max: usize,
    /// Bytes of a request's head.
    pub head_bytes_max: usize,
    /// Headers of a request.
    pub headers_max: usize,
    /// From the first byte of a request's head to its last.
    pub head_timeout: Duration,
    /// How long a connection may do nothing.
    pub idle_timeout: Duration,
    /// How long a client may take no byte of an answer.
    pub write_timeout: Duration,
    /// Requests under way at once on one HTTP/2 connection.
    pub streams_max: u32,
}

/// hyper reads with a buffer of at least this size, so a smaller limit could not hold.
pub const HEAD_BYTES_MIN: usize = 8 << 10;

impl Default for ConnectionSettings {
    fn default() -> Self {
        Self {
            connections_max: 16_384,
            head_bytes_max: 16 << 10,
            headers_max: 64,
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(30),
            streams_max: 128,
        }
    }
}
