//! Three engine processes on one FoundationDB cluster, linked under TLS: one is killed, one is stopped and goes on, all are
//! restarted, and FoundationDB itself is.
//!
//! Needs a store that several processes share: `HUNT_TEST_STORE=fdb` and `FDB_CLUSTER_FILE`; without them each test says
//! that it is skipped. `cargo ci fdb` sets the first. They take turns: what one does to the cluster, all engines on it feel.
//! The players and what must hold of them are those of the tests of several nodes in one process.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests of the real program need real clocks, threads and processes, and fail by panicking"
)]

mod away;
mod cluster;
mod killed;
#[path = "../cluster/load.rs"]
mod load;
mod node;
#[path = "../cluster/proof.rs"]
mod proof;
mod restarted;
mod stopped;
