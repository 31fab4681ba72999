//! What is sent and counted, whatever the machine's speed.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bench::error::BenchError;
use bench::load::{Pace, Plan, run};
use bench::protocol::Target;
use bench::workload::Workload;

use crate::fake::{Fake, Flaws};

/// One connection, one request at a time.
pub(crate) fn plan(pace: Pace, duration: Duration) -> Plan {
    Plan {
        workload: Workload::ClaimSpread,
        pace,
        connections: 1,
        depth: 1,
        batch: 1,
        warm_up: Duration::ZERO,
        duration,
        threads: 1,
        prefix: "t".to_owned(),
        seed: 1,
        title: "test".to_owned(),
    }
}

const HALF: Duration = Duration::from_millis(500);

#[test]
fn every_planned_request_is_accounted_for_on_all_cores_and_threads() {
    let fake = Fake::start(2, Flaws::default());
    let target = fake.target();
    assert_eq!(target.lanes().len(), 2, "one for each core");
    let plan = Plan {
        connections: 8,
        depth: 4,
        batch: 10,
        threads: 2,
        ..plan(Pace::Constant(20_000.0), HALF)
    };
    let measured = run(&target, &plan, &AtomicBool::new(false)).unwrap();
    // 1,000 requests of ten; the last of each of four streams may be planned at the very end.
    assert!(
        (996..=1_004).contains(&measured.response.len()),
        "{}",
        measured.response.len()
    );
    assert_eq!(measured.accepted_ever, fake.frames() * 10);
    assert_eq!(
        measured.service.len() + measured.unsent,
        measured.response.len()
    );
    assert_eq!(measured.tally.errors + measured.tally.refused, 0);
}

#[test]
fn refusals_are_counted_apart_and_have_no_latency() {
    let fake = Fake::start(
        1,
        Flaws {
            overloaded_every: Some(2),
            ..Flaws::default()
        },
    );
    let plan = plan(Pace::Constant(400.0), HALF);
    let measured = run(&fake.target(), &plan, &AtomicBool::new(false)).unwrap();
    assert_eq!(measured.tally.refused, measured.tally.overloaded);
    assert_eq!(measured.accepted_ever, measured.service.len());
    assert!(measured.tally.refused > 0);
    assert_eq!(measured.tally.errors, 0);
}

#[test]
fn a_broken_connection_is_an_error_and_opened_again() {
    let fake = Fake::start(
        1,
        Flaws {
            close_at: Some(50),
            ..Flaws::default()
        },
    );
    let plan = plan(Pace::Constant(400.0), HALF);
    let measured = run(&fake.target(), &plan, &AtomicBool::new(false)).unwrap();
    assert_eq!((measured.tally.errors, measured.reconnects), (1, 1));
    assert_eq!(measured.unknown_ever, 1);
    assert!(measured.example.unwrap().contains("a connection broke"));
    assert_eq!(measured.accepted_ever + 1, fake.frames());
}

#[test]
fn more_under_way_than_the_target_takes_is_refused_beforehand() {
    let fake = Fake::start(1, Flaws::default());
    let plan = Plan {
        depth: 2,
        batch: 8_000,
        ..plan(Pace::Max, HALF)
    };
    let error = run(&fake.target(), &plan, &AtomicBool::new(false)).unwrap_err();
    assert!(matches!(error, BenchError::Usage(_)), "{error}");
    assert_eq!(fake.frames(), 0);
}

#[test]
fn a_run_can_be_interrupted() {
    let fake = Fake::start(1, Flaws::default());
    let plan = plan(Pace::Max, Duration::from_secs(3_600));
    let error = run(&fake.target(), &plan, &AtomicBool::new(true)).unwrap_err();
    assert!(matches!(error, BenchError::Interrupted), "{error}");
}
