//! The real program under more than it is used to: a stampede for a hundred coins, overload, more players than memory,
//! hostile input, and schedules that fire by themselves.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests of the real program need real clocks and threads, and fail by panicking"
)]

mod bad_input;
mod bad_wire;
mod eviction;
mod game_servers;
mod https;
mod overload;
mod rust_client;
mod schedule;
mod stampede;
