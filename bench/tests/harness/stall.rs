//! A stall of 100 ms, planted: an open loop must show whom it kept waiting, and a closed loop's median must not.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bench::load::{Pace, run};

use crate::fake::{Fake, Flaws};
use crate::pace::plan;

const STALL: Duration = Duration::from_millis(100);

/// Planned a second: so that 200 requests fall into the stall, a tenth of all.
const RATE: f64 = 2_000.0;

fn ns(duration: Duration) -> u64 {
    duration.as_nanos() as u64
}

#[test]
fn a_stall_shows_in_the_tail_of_an_open_loop() {
    let fake = Fake::start(
        1,
        Flaws {
            stall: Some((500, STALL)),
            ..Flaws::default()
        },
    );
    let plan = plan(Pace::Constant(RATE), Duration::from_secs(1));
    let measured = run(&fake.target(), &plan, &AtomicBool::new(false)).unwrap();
    let response = |quantile| measured.response.value_at_quantile(quantile);
    // The second longest wait was planned half a millisecond into the stall; p99 is 20 requests from the top: 10 ms.
    assert!(
        response(0.999) >= ns(STALL) * 95 / 100,
        "{}",
        response(0.999)
    );
    assert!(response(0.99) >= ns(STALL) * 80 / 100, "{}", response(0.99));
    // Only the request that met the stall was under way so long: sent late, the others had good service.
    let service_longest = measured.service.max();
    assert!(service_longest >= ns(STALL), "{service_longest}");
    let stalled = |histogram: &hdrhistogram::Histogram<u64>| {
        histogram.len() - histogram.count_between(0, ns(STALL) / 2)
    };
    assert!(stalled(&measured.response) >= 90);
    assert!(stalled(&measured.service) < stalled(&measured.response));
}

#[test]
fn a_stall_does_not_show_in_the_median_of_a_closed_loop() {
    let fake = Fake::start(
        1,
        Flaws {
            stall: Some((500, STALL)),
            ..Flaws::default()
        },
    );
    let plan = plan(Pace::Max, Duration::from_secs(1));
    let measured = run(&fake.target(), &plan, &AtomicBool::new(false)).unwrap();
    assert!(fake.frames() > 500, "the stall was met");
    assert!(measured.service.value_at_quantile(0.5) < ns(STALL));
    assert!(measured.service.max() >= ns(STALL));
    assert_eq!(
        measured.response, measured.service,
        "a closed loop plans nothing"
    );
}
