//! Everything around the nodes: clocks, network, store, disasters, clients.
//!
//! ```text
//!   client ─ask─▶ network ─▶ machine: process ─▶ cores ─▶ store (fates of every operation)
//!                    ▲            ▲ kill, pause, drift        ▲ lies, outages
//!                    └──────── disasters of the plan ─────────┘
//! ```

mod asking;
mod book;
mod buggify;
mod client_port;
mod clock;
mod damage;
mod due;
mod environment;
mod fates;
mod faults;
mod host;
mod latency;
mod life;
mod lost_way;
mod machine;
mod network;
mod questions;
mod recount;
mod site;
mod tenant;
mod trouble;
#[allow(
    clippy::module_inception,
    reason = "the world is what the folder is about"
)]
mod world;

#[cfg(test)]
pub(crate) mod tests;

pub use client_port::{ClientPort, Porter, Task, Told};
pub(crate) use site::words_of;
pub(crate) use world::{WORLD_LANE, WORLD_LIFE, World};

/// Every node's wall clock at virtual time 0, in milliseconds since 1970: 2026-12-01T18:00:00Z.
pub const WALL_AT_START_MS: u64 = 1_796_148_000_000;
