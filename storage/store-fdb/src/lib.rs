//! FoundationDB as a store: what production stands on.
//!
//! ```text
//!   core 0 ─ FdbStore ─ FdbTransaction ─┐                    ┌─▶ libfdb_c.so ─ network thread ─▶ cluster
//!   core 1 ─ FdbStore ─ FdbTransaction ─┼─ raw ─ entry_points┤
//!      ▲                                ┘                    └─▶ (or fdb-c, a library with the same functions)
//!      └────────── wakers, from the network thread: whoever polls brings one that may be woken so
//! ```
//!
//! One process has one client library, one network thread and one database. The library is loaded when a store is opened; a
//! program that opens none needs none. A waker is called on the network thread: the engine's are bits of a set with one
//! bell per core, and many answers cost one wake.

#![allow(
    clippy::disallowed_methods,
    reason = "an edge crate: it measures how long a real cluster takes, on the machine's clock"
)]

mod database;
mod entry_points;
mod error;
mod library;
mod meters;
mod network;
mod open_error;
mod raw;
mod settings;
mod stopwatch;
mod transaction;

pub use database::{FdbDatabase, FdbStore};
pub use meters::{FdbMetrics, LATENCY_BUCKETS, Latencies};
pub use open_error::OpenError;
pub use settings::FdbSettings;
pub use transaction::FdbTransaction;
