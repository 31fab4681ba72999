//! The table of all steps, the cheap ones first.

use std::time::Duration;

use crate::step::{Check, Step};
use crate::{
    advisories, arrows, cargo, demo, deploy, fdb, nightly, parts, purity, sim, sizes, tree,
};

/// The step that needs to know how the tree looked before the first.
pub(crate) const TREE: &str = "tree";

/// Reading files, or asking git and cargo about them; cargo may have to download first.
const READ_LIMIT: Duration = minutes(5);

/// Compiling all that we depend on, on a small and busy machine.
const BUILD_LIMIT: Duration = minutes(15);

/// Compiling, then tests that take minutes by themselves.
const TEST_LIMIT: Duration = minutes(20);

/// A campaign of hours, and every mutant built and run.
const NIGHT_LIMIT: Duration = minutes(8 * 60);

const _: () = assert!(
    READ_LIMIT.as_secs() < BUILD_LIMIT.as_secs() && BUILD_LIMIT.as_secs() < TEST_LIMIT.as_secs(),
    "a step that builds may download first, and one that tests builds first"
);

/// Every step, in the order in which they run.
pub(crate) static STEPS: &[Step] = &[
    step(
        "format",
        "rustfmt would change nothing",
        READ_LIMIT,
        cargo::format,
    ),
    step(
        "sizes",
        "no file over 500 lines, nothing unfinished",
        READ_LIMIT,
        sizes::check,
    ),
    step(
        "purity",
        "`hunt` has no async, no I/O, no clock",
        READ_LIMIT,
        purity::check,
    ),
    step(
        "arrows",
        "crates depend only on what they may",
        READ_LIMIT,
        arrows::check,
    ),
    step(
        "deploy",
        "what is in deploy/ fits together and fits the engine",
        READ_LIMIT,
        deploy::check,
    ),
    step(
        "advisories",
        "licences and known faults of dependencies",
        READ_LIMIT,
        advisories::check,
    ),
    step(
        "clippy",
        "clippy has nothing to say",
        BUILD_LIMIT,
        cargo::clippy,
    ),
    step(
        "docs",
        "the documentation builds without warnings",
        BUILD_LIMIT,
        cargo::docs,
    ),
    step(
        "test",
        "unit and integration tests",
        TEST_LIMIT,
        cargo::test,
    ),
    step(
        "loom",
        "the rings between cores, in every interleaving",
        BUILD_LIMIT,
        cargo::loom,
    ),
    step(
        "fuzz",
        "every decoder, on hostile bytes for a short time",
        BUILD_LIMIT,
        cargo::fuzz,
    ),
    step(
        "demo",
        "the demo plays a hunt and finds no fault",
        BUILD_LIMIT,
        demo::check,
    ),
    step(
        "kill",
        "SIGKILL under load, restart, verify",
        TEST_LIMIT,
        cargo::kill,
    ),
    step(
        "load",
        "exactly once under a stampede",
        TEST_LIMIT,
        cargo::load,
    ),
    of_fdb(
        "fdb-promises",
        "a store's promises through FoundationDB's C API",
        TEST_LIMIT,
        fdb::promises,
    ),
    of_fdb(
        "fdb-kill",
        "SIGKILL under load with `--store fdb:`",
        TEST_LIMIT,
        fdb::kill,
    ),
    of_fdb(
        "fdb-nodes",
        "three engines on one cluster",
        TEST_LIMIT,
        fdb::nodes,
    ),
    of_fdb(
        "fdb-python",
        "the official Python binding on `fdb-c`",
        TEST_LIMIT,
        fdb::python,
    ),
    step(
        "parts",
        "each part's benchmark runs; hot paths got no dearer",
        BUILD_LIMIT,
        parts::check,
    ),
    step(
        "sim",
        "simulated seeds pass, the same in each run and build",
        TEST_LIMIT,
        sim::check,
    ),
    step(
        "mutants",
        "a sample of planted bugs is found",
        TEST_LIMIT,
        sim::mutants,
    ),
    Step {
        on_demand: true,
        ..step(
            "nightly",
            "a long campaign, all mutants, all probes",
            NIGHT_LIMIT,
            nightly::check,
        )
    },
    step(
        TREE,
        "the checks left the work tree as it was",
        READ_LIMIT,
        tree::check,
    ),
];

const fn step(name: &'static str, what: &'static str, limit: Duration, check: Check) -> Step {
    Step {
        name,
        group: None,
        what,
        limit,
        on_demand: false,
        check,
    }
}

const fn of_fdb(name: &'static str, what: &'static str, limit: Duration, check: Check) -> Step {
    Step {
        group: Some(fdb::GROUP),
        ..step(name, what, limit, check)
    }
}

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}
