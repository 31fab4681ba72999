//! The deterministic simulator: many nodes in one thread on virtual time, with faults, and the oracles that judge them.
//!
//! ```text
//! seed ─▶ Plan (data) ─▶ world: nodes, network, clocks, store, clients ─▶ History + Truth ─▶ oracles ─▶ Outcome
//!            ▲                                                                                        │
//!            └──────────────── shrink: fewer faults, clients, commands, time ◀── failed ──────────────┘
//! ```

pub mod client;
pub mod draw;
pub mod fault;
pub mod history;
mod kernel;
pub mod oracle;
pub mod outcome;
pub mod plan;
pub mod run;
pub mod truth;
mod workload;
pub mod world;
