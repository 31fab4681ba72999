//! FoundationDB's promises, by the suite that every backend passes.

use store::conformance;
use store_embedded::{EmbeddedDatabase, EmbeddedSettings};

use crate::support::{Scratch, block_on, machine, small};

#[track_caller]
fn check(settings: EmbeddedSettings) {
    let scratch = Scratch::new("conformance");
    let database = EmbeddedDatabase::open(scratch.path(), settings).unwrap();
    let environment = machine();
    let store = database.handle(environment.clone());
    let report = block_on(conformance::run_all(&store, &environment, b"conformance/"));
    assert!(report.cases.len() > 30, "{report}");
    assert_eq!(report.broken().count(), 0, "{report}");
}

#[test]
fn every_promise_is_kept() {
    check(EmbeddedSettings::default());
}

#[test]
fn every_promise_is_kept_while_buffers_and_tables_are_small() {
    check(small());
}
