//! The in-memory store keeps every promise of the conformance suite, in virtual time, also when all takes
//! time; and under each planted lie it breaks one.

use std::rc::Rc;

use store::conformance::{Report, run_all};
use store::{Environment, Store, Transaction};
use store_sim::{
    CommitFate, Fates, HandleId, Lie, MemoryDatabase, ReadFate, ReadVersionFate, WatchFate,
};

use crate::script::mixed;
use crate::virtual_time::VirtualTime;

fn run(seed: u64) -> Report {
    run_faithful(seed, |_| {})
}

fn run_faithful(seed: u64, prepare: impl FnOnce(&MemoryDatabase)) -> Report {
    let time = VirtualTime::new(seed);
    let environment: Rc<dyn Environment> = time.clone();
    let database = MemoryDatabase::new(environment.now_us());
    prepare(&database);
    let store = database.handle(Rc::clone(&environment));
    time.run(async move { run_all(&store, &environment, b"conformance/").await })
}

#[test]
fn every_promise_is_kept() {
    let report = run(1);
    assert!(report.cases.len() >= 60, "{} promises", report.cases.len());
    assert_eq!(report.broken().count(), 0, "{report}");
}

/// Everything takes up to a few milliseconds, and nothing else happens.
struct Latency;

/// A latency below `below_us`, by the operation's identity.
fn latency_us(kind: u64, nth: u64, below_us: u64) -> u64 {
    mixed(kind << 32 | nth) % below_us
}

impl Fates for Latency {
    fn of_commit(&self, _: HandleId, nth: u64, _: u64) -> CommitFate {
        CommitFate::Resolve {
            before_us: latency_us(1, nth, 3_000),
            after_us: latency_us(2, nth, 1_000),
        }
    }
    fn of_read(&self, _: HandleId, nth: u64, _: u64) -> ReadFate {
        ReadFate::Answer {
            after_us: latency_us(3, nth, 500),
        }
    }
    fn of_read_version(&self, _: HandleId, nth: u64, _: u64) -> ReadVersionFate {
        ReadVersionFate::Answer {
            before_us: latency_us(4, nth, 500),
            after_us: latency_us(5, nth, 500),
        }
    }
    fn of_watch(&self, _: HandleId, nth: u64, _: u64) -> WatchFate {
        WatchFate::Told {
            after_us: latency_us(6, nth, 2_000),
        }
    }
}

fn run_with(fates: Rc<dyn Fates>, prepare: impl FnOnce(&MemoryDatabase)) -> Report {
    let time = VirtualTime::new(1);
    let environment: Rc<dyn Environment> = time.clone();
    let database = MemoryDatabase::new(environment.now_us());
    prepare(&database);
    let store = database.handle_with(Rc::clone(&environment), 7, fates);
    time.run(async move { run_all(&store, &environment, b"conformance/").await })
}

#[test]
fn every_promise_is_kept_though_all_takes_time() {
    let report = run_with(Rc::new(Latency), |_| {});
    assert_eq!(report.broken().count(), 0, "{report}");
}

#[test]
fn every_promise_is_kept_though_commits_share_versions() {
    let report = run_with(Rc::new(Latency), |database| {
        database.set_commit_interval_us(2_000);
    });
    assert_eq!(report.broken().count(), 0, "{report}");
}

#[test]
fn every_planted_lie_breaks_a_promise() {
    for lie in Lie::ALL {
        let plant = |database: &MemoryDatabase| database.plant(Some(lie));
        for report in [run_with(Rc::new(Latency), plant), run_faithful(1, plant)] {
            assert!(report.broken().count() > 0, "{lie} went unnoticed");
        }
    }
}

#[test]
fn a_lie_that_is_never_told_breaks_nothing() {
    struct Honest;
    impl Fates for Honest {
        fn tells(&self, _: Lie, _: HandleId, _: u64, _: u64) -> bool {
            false
        }
    }
    for lie in Lie::ALL {
        let report = run_with(Rc::new(Honest), |database| database.plant(Some(lie)));
        assert_eq!(report.broken().count(), 0, "{lie}: {report}");
    }
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
