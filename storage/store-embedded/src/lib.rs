//! A durable in-process store with FoundationDB's model: the default, without a server.
//!
//! ```text
//!   handle of each core ──reads──▶ write buffers, then tables: blocks, large values   (the engine of fjall 3)
//!          │                          ▲             ▲
//!          │ commits                  │ applied     │ full buffers
//!          ▼                          │             │
//!   bounded queue ──▶ committer ──▶ log (one sync for a group) ──▶ upkeep: flush, merge, reuse segments
//! ```
//!
//! What was acknowledged is in the log, synced, and survives a killed process and a lost power supply. A
//! reader never sees what is not. Damage is reported and never read over: every record, block and large
//! value carries a checksum. After an I/O error on the way to the log the store takes no more commits
//! ([`EmbeddedDatabase::fault`] says why) and can be read on; opening it again recovers.

#![allow(
    clippy::disallowed_methods,
    reason = "an edge crate: versions follow the machine's clock, and the committer is a thread of its own"
)]

mod backend;
mod brake;
mod buffers;
mod commit_queue;
mod committer;
mod database;
mod directory;
mod group;
mod health;
mod log;
mod manifest;
mod merges;
mod metrics;
mod open_error;
mod priority;
mod remains;
mod scanner;
#[cfg(test)]
mod scratch;
mod settings;
mod shared;
mod stored_key;
mod tables;
mod timeline;
mod turns;
mod upkeep;
mod watches;
mod write_back;
mod write_buffer;

pub use backend::{EmbeddedBackend, EmbeddedSnapshot, EmbeddedStore};
pub use database::EmbeddedDatabase;
pub use metrics::{EmbeddedMetrics, SYNC_BUCKETS};
pub use open_error::OpenError;
pub use settings::{EmbeddedSettings, WRITE_BUFFERS_MAX};
