//! The C API as C calls it, over memory and directories; one network thread for all tests.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests: what goes wrong is a failure, and the network needs a thread"
)]

mod binding;
mod databases;
mod futures;
mod network;
mod options;
mod special_keys;
mod symbols;
mod transactions;
