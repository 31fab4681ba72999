//! FoundationDB's promises, by the suite that every backend passes.

use store::conformance;
use store_fdb::FdbDatabase;

use crate::On;
use crate::machine::{block_on, machine};

pub(crate) const TESTS: &[On] = &[("every_promise_is_kept", every_promise_is_kept)];

fn every_promise_is_kept(database: &FdbDatabase) {
    let prefix = format!("hunt-promises/{}/", std::process::id());
    let environment = machine();
    let store = database.handle();
    let report = block_on(conformance::run_all(
        &store,
        &environment,
        prefix.as_bytes(),
    ));
    println!("{report}");
    assert!(report.cases.len() >= 60, "{} promises", report.cases.len());
    assert_eq!(report.broken().count(), 0);
}
