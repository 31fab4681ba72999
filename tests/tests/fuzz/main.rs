//! Hostile bytes for every decoder: what is refused is refused without a panic, what is accepted round-trips.
//!
//! Each target runs for `HUNT_FUZZ_SECONDS` (8 by default). `HUNT_FUZZ_SEED` repeats a run, input by input;
//! `HUNT_FUZZ_INPUT` (hexadecimal) runs a single input instead.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a fuzzer runs by the clock, and fails by panicking"
)]

mod bodies;
mod corpus;
mod definitions;
mod fuzzer;
mod json_edits;
mod mutation;
mod records;
mod texts;
