//! The in-memory store keeps every promise of the conformance suite, in virtual time.

mod virtual_time;

use std::rc::Rc;

use store::conformance::{Report, run_all};
use store::{Environment, Store, Transaction};
use store_sim::MemoryDatabase;

use virtual_time::VirtualTime;

fn run(seed: u64) -> Report {
    let time = VirtualTime::new(seed);
    let environment: Rc<dyn Environment> = time.clone();
    let database = MemoryDatabase::new(environment.now_us());
    let store = database.handle(Rc::clone(&environment));
    time.run(async move { run_all(&store, &environment, b"conformance/").await })
}

#[test]
fn every_promise_is_kept() {
    let report = run(1);
    assert!(report.cases.len() >= 60, "{} promises", report.cases.len());
    assert_eq!(report.broken().count(), 0, "{report}");
}

#[test]
fn a_run_repeats_by_its_seed() {
    assert_eq!(run(7).to_string(), run(7).to_string());
}

#[test]
fn two_handles_share_one_database() {
    let time = VirtualTime::new(3);
    let environment: Rc<dyn Environment> = time.clone();
    let database = MemoryDatabase::new(environment.now_us());
    let (one, other) = (
        database.handle(Rc::clone(&environment)),
        database.handle(environment),
    );
    time.run(async move {
        let (writer, late) = (one.begin(), other.begin());
        late.get(b"k", false).await.expect("a read");
        writer.set(b"k", b"v");
        writer.commit().await.expect("a blind write");
        late.set(b"x", b"v");
        assert_eq!(late.commit().await.map_err(|error| error.code()), Err(1020));
        assert_eq!(
            other
                .begin()
                .get(b"k", false)
                .await
                .expect("a read")
                .as_deref(),
            Some(&b"v"[..])
        );
    });
}

#[test]
fn a_database_is_shared_across_threads() {
    fn is_shared<T: Send + Sync + 'static>(_: &T) {}
    is_shared(&MemoryDatabase::new(0));
}
