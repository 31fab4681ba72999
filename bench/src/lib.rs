//! The latency harness: how fast, how steady, compared with what.
//!
//! ```text
//!            ┌──────────── load: schedule ─▶ generator (threads, epoll) ─▶ measure ───┐
//! cli ─▶ trial                              │ protocol: bytes of each target         ├─▶ outcome ─▶ JSON, report
//!            └── peer: starts, checks, stops ▼ the servers, on loopback, durable ─────┘
//! ```
//!
//! Latency is counted from when a request was *planned* (response time), and beside it from when it was sent (service time).
#![allow(
    clippy::disallowed_methods,
    reason = "a harness measures time, sleeps and starts threads; determinism is for what it measures"
)]

pub mod cli;
pub mod error;
pub mod feed;
pub mod floor;
pub mod load;
pub mod machine;
pub mod outcome;
pub mod parts;
pub mod peer;
mod poller;
pub mod protocol;
pub mod report;
pub mod trial;
pub mod workload;
