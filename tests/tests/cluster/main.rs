//! Several nodes in one process, linked over real sockets, on one store in memory: what happens when one dies, is cut off,
//! is restarted or drained, and what strangers can do to a port for nodes.
//!
//! ```text
//!   players ──HTTP──▶ node A ◀══ Way ══▶ node B ◀══ Way ══▶ node C       Way: a relay that can be cut, or made slow
//!                        └───────────────┼──────────────────┘
//!                                  one store in memory
//! ```
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests of the real program need real clocks, threads and sockets, and fail by panicking"
)]

mod cluster;
mod cut;
mod drain;
mod load;
mod node;
mod proof;
mod restart;
mod stranger;
mod strangers;
mod takeover;
mod tls;
mod way;
