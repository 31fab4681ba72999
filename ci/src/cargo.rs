//! The steps that are cargo commands.
//!
//! They share one target directory, so what clippy checked the docs need not check again. Only
//! the loom models have their own: their flags would otherwise rebuild everything twice.

use std::process::Command;

use crate::builds::{cargo, checked, shipped};
use crate::metadata::Workspace;
use crate::process::Processes;
use crate::step::{Checked, Site, Verdict};

/// How long each fuzz target runs unless `HUNT_FUZZ_SECONDS` says otherwise.
pub(crate) const FUZZ_SECONDS_DEFAULT: &str = "6";

/// The variable that the fuzz targets read.
const FUZZ_SECONDS: &str = "HUNT_FUZZ_SECONDS";

/// The variable by which tests are told which program to start.
const PROGRAM: &str = "HUNT_TEST_PROGRAM";

/// How often the engine is killed under load unless `HUNT_KILL_ROUNDS` says otherwise. The test by itself does it 50 times.
pub(crate) const KILL_ROUNDS_DEFAULT: &str = "20";

/// The variable that the kill test reads.
const KILL_ROUNDS: &str = "HUNT_KILL_ROUNDS";

pub(crate) fn format(site: &Site<'_>) -> Checked {
    run(site, cargo("fmt --all --check"))
}

/// With clang's library also what needs it; without, the step says nothing of it.
pub(crate) fn clippy(site: &Site<'_>) -> Checked {
    run(site, checked("clippy", "--all-targets -- -D warnings"))
}

pub(crate) fn docs(site: &Site<'_>) -> Checked {
    let mut command = checked("doc", "--no-deps");
    command.env("RUSTDOCFLAGS", "-D warnings");
    run(site, command)
}

/// All tests but those that are steps of their own: their manifests say `test = false`. The engine is built first: some
/// tests start it as a program.
pub(crate) fn test(site: &Site<'_>) -> Checked {
    build_engine(&site.processes)?;
    run(site, checked("test", ""))
}

pub(crate) fn loom(site: &Site<'_>) -> Checked {
    let target = Workspace::load(&site.processes)?
        .target_directory
        .join("loom");
    let mut command = cargo("test -p mesh --release --locked --test loom");
    command
        .env("RUSTFLAGS", "--cfg loom")
        .env("CARGO_TARGET_DIR", target);
    run(site, command)
}

/// In the dev profile, which notices overflows.
pub(crate) fn fuzz(site: &Site<'_>) -> Checked {
    let seconds = std::env::var_os(FUZZ_SECONDS).unwrap_or_else(|| FUZZ_SECONDS_DEFAULT.into());
    let mut command = checked("test", "--test fuzz");
    command.env(FUZZ_SECONDS, seconds);
    run(site, command)
}

pub(crate) fn kill(site: &Site<'_>) -> Checked {
    let rounds = std::env::var_os(KILL_ROUNDS).unwrap_or_else(|| KILL_ROUNDS_DEFAULT.into());
    let mut command = test_of_shipped(site, "--test kill")?;
    command.env(KILL_ROUNDS, rounds);
    run(site, command)
}

pub(crate) fn load(site: &Site<'_>) -> Checked {
    let command = test_of_shipped(site, "--test load")?;
    run(site, command)
}

/// A test that starts the program as it is shipped. The test itself is no part of what is tested: it stays as the other
/// tests are built.
fn test_of_shipped(site: &Site<'_>, test: &str) -> Result<Command, String> {
    ship_engine(&site.processes)?;
    let target = Workspace::load(&site.processes)?.target_directory;
    let mut command = checked("test", test);
    command.env(PROGRAM, target.join("release/hunt-engine"));
    Ok(command)
}

/// Builds the program for tests that start it; quick when it is there already.
///
/// # Errors
/// It does not build.
pub(crate) fn build_engine(processes: &Processes<'_>) -> Result<(), String> {
    processes.run(&mut checked("build", "--bin hunt-engine"))
}

/// Builds the program as it is shipped; quick when it is there already.
///
/// # Errors
/// It does not build.
pub(crate) fn ship_engine(processes: &Processes<'_>) -> Result<(), String> {
    processes.run(&mut shipped("build", "--bin hunt-engine"))
}

fn run(site: &Site<'_>, mut command: Command) -> Checked {
    site.processes.run(&mut command).map(|()| Verdict::Passed)
}
