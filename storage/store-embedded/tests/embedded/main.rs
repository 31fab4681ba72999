//! The store from outside: what survives, what is noticed, what is refused.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests of an edge crate start threads and processes, and end where something is wrong"
)]

mod conformance;
mod contention;
mod corruption;
mod disk_full;
mod history;
mod kill;
mod lock;
mod restart;
mod support;
