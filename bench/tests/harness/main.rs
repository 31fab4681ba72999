//! The harness measured: against a server that stalls on purpose, against figures that are known, and its results' shape.
#![allow(
    clippy::unwrap_used,
    reason = "a test's server and helpers fail as loudly as the tests themselves"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "a server that stalls needs to sleep, and threads"
)]

mod fake;
mod floor;
mod pace;
mod shape;
mod stall;
