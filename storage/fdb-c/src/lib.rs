//! FoundationDB's C API without a cluster: `libfdb_c.so` over the embedded store, or memory.
//!
//! ```text
//!   a binding (Rust, Python, Node …)
//!      │ fdb_*: any thread                         ┌───────────── network thread ─────────────┐
//!      ▼                                           │                                          │
//!   api: pointers checked, bytes copied ──jobs──▶  │ Core: transactions, tasks, timers        │
//!      ▲                                           │   Transaction ─▶ store::Session ─▶ store │
//!      └── FDBFuture ◀──outcome, callbacks──────── │                                          │
//!                                                  └──────────────────────────────────────────┘
//! ```
//!
//! As FoundationDB's own client does it: a call only checks and copies its arguments, and hands a job to
//! the one network thread, where everything happens in the order of the calls. `fdb_run_network` is
//! that thread. Nothing unwinds into the caller: a panic is error 4100.
//!
//! Instead of a cluster file's path, `fdb_create_database` takes a directory, `embedded:DIR`, `memory`,
//! `memory:NAME`, or a file that holds one of these; `place.rs` is the grammar.

#![allow(
    clippy::disallowed_methods,
    reason = "an edge crate: it is the client's clock, dice and environment"
)]

pub mod api;
mod api_version;
mod backend;
mod database;
mod errors;
mod future;
mod network;
mod open_stores;
mod options;
mod place;
mod special;
mod transaction;
