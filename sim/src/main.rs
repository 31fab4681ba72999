//! `hunt-sim`: campaigns of simulated runs, and the tools to understand one that failed.
//!
//! ```text
//! run ──fails──▶ replay ──▶ report           what happened, step by step
//!                  └──────▶ shrink ──▶ tests/scenarios/*.json   kept, so that it never comes back
//! mutants, probes                            do the oracles catch bugs, do the runs reach the rare paths
//! ```

mod campaign;
mod cli;
mod export;
mod mutants;
mod report;
mod shrink;
mod simulator;

use std::process::ExitCode;

/// A run allocates in every step; this takes a third of the time of the system's allocator.
#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

fn main() -> ExitCode {
    cli::main()
}
