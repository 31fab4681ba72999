//! SIGKILL under load, again and again, on one store: what was acknowledged stays, what was not is decided once, and
//! the log has no gap. And stores whose files were damaged, or whose disk is full: errors that say so, never a panic.
//!
//! `HUNT_KILL_ROUNDS` (50 by default) says how often; `HUNT_KILL_SEED` repeats a run's decisions (not its timing).
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests of the real program need real clocks and threads, and fail by panicking"
)]

mod check;
mod corrupt;
mod deeds;
mod disk_full;
mod load;
mod rounds;
