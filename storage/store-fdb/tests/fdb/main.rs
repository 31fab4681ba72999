//! The promises of a store, kept by FoundationDB through its C API; and how opening one fails.
//!
//! Runs on the cluster of `FDB_CLUSTER_FILE`, with the client library that `HUNT_FDB_LIBRARY` names: a real one, or `fdb-c`, for
//! which the file names a directory. `cargo ci fdb` sets both.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests of a real library need real clocks, threads and processes, and fail by panicking"
)]

mod machine;
mod meters;
mod opening;
mod promises;
mod shutting;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use store_fdb::{FdbDatabase, FdbSettings};

/// What the tests run on.
struct Ground {
    cluster_file: PathBuf,
    settings: FdbSettings,
}

/// Tests before the one store of this process is opened, on it, and after it was closed.
type Before = (&'static str, fn(&Ground));
type On = (&'static str, fn(&FdbDatabase));

fn main() -> ExitCode {
    let Some(cluster_file) = std::env::var_os("FDB_CLUSTER_FILE") else {
        println!("skipped: FDB_CLUSTER_FILE is not set; `cargo ci fdb` sets it");
        return ExitCode::SUCCESS;
    };
    // The suite sets time limits itself where it wants them, and some of its transactions take their time.
    let mut settings = FdbSettings {
        timeout: Duration::ZERO,
        ..FdbSettings::default()
    };
    if let Some(library) = std::env::var_os("HUNT_FDB_LIBRARY") {
        settings.library = library.into();
    }
    let ground = Ground {
        cluster_file: cluster_file.into(),
        settings,
    };
    if let Some(code) = opening::in_child(&ground) {
        return code;
    }
    let mut tally = Tally::default();
    for (name, test) in opening::TESTS {
        tally.run(name, || test(&ground));
    }
    let database = FdbDatabase::open(&ground.cluster_file, &ground.settings);
    let database = database.unwrap_or_else(|error| panic!("{error}"));
    for (name, test) in promises::TESTS.iter().chain(meters::TESTS) {
        tally.run(name, || test(&database));
    }
    for (name, test) in shutting::TESTS {
        tally.run(name, || test(&ground, &database));
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    ExitCode::from(u8::from(tally.failed > 0))
}

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
}

impl Tally {
    fn run(&mut self, name: &str, test: impl FnOnce()) {
        let passed = catch_unwind(AssertUnwindSafe(test)).is_ok();
        println!("test {name} ... {}", if passed { "ok" } else { "FAILED" });
        self.passed += usize::from(passed);
        self.failed += usize::from(!passed);
    }
}
