//! The node against the in-memory store, on virtual time: scenarios that read as scripts.
#![allow(clippy::unwrap_used, reason = "a scenario fails by panicking")]

#[path = "node/clock.rs"]
mod clock;
#[path = "node/flaky.rs"]
mod flaky;
#[path = "node/life.rs"]
mod life;
#[path = "node/world.rs"]
mod world;

#[path = "node/cluster.rs"]
mod cluster;
#[path = "node/commands.rs"]
mod commands;
#[path = "node/eviction.rs"]
mod eviction;
#[path = "node/faults.rs"]
mod faults;
#[path = "node/feed.rs"]
mod feed;
#[path = "node/fence.rs"]
mod fence;
#[path = "node/leaderboard.rs"]
mod leaderboard;
#[path = "node/limits.rs"]
mod limits;
#[path = "node/ownership.rs"]
mod ownership;
#[path = "node/probes.rs"]
mod probes;
#[path = "node/recovery.rs"]
mod recovery;
#[path = "node/schedule.rs"]
mod schedule;
#[path = "node/stall.rs"]
mod stall;
