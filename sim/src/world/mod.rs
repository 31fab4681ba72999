//! Everything around the nodes: clocks, network, store, disasters, clients.

mod client_port;

pub use client_port::{ClientPort, Porter, Task};

/// Every node's wall clock at virtual time 0, in milliseconds since 1970: 2026-12-01T18:00:00Z.
pub const WALL_AT_START_MS: u64 = 1_796_148_000_000;
