//! Worker threads that take seed after seed until none is left, time is up, or one failed.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::examine::Examiner;
use super::seeds::Seeds;
use super::tally::Tally;
use super::wall::Watch;

/// How often progress is shown while no run ends.
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

/// Which seeds to run, on how many threads, and until when.
#[derive(Debug)]
pub(crate) struct Campaign {
    pub(crate) seeds: Seeds,
    pub(crate) jobs: usize,
    pub(crate) time_box: Option<Duration>,
    pub(crate) go_on: bool,
}

/// Told now and then how far the campaign is.
pub(crate) type Progress<'a> = &'a mut dyn FnMut(&Tally, Duration);

impl Campaign {
    /// Runs it. Seeds are begun in their order; what is under way when it stops is finished.
    pub(crate) fn run(&self, examiner: &Examiner<'_>, progress: Progress<'_>) -> (Tally, Duration) {
        let watch = Watch::start();
        let (taken, stop) = (AtomicU64::new(0), AtomicBool::new(false));
        let (sender, verdicts) = mpsc::channel();
        let mut tally = Tally::default();
        thread::scope(|scope| {
            let jobs = u64::try_from(self.jobs).unwrap_or(u64::MAX);
            for _ in 0..jobs.min(self.seeds.count()) {
                let (taken, stop, sender) = (&taken, &stop, sender.clone());
                scope.spawn(move || {
                    while let Some((place, seed)) = self.next(taken, stop, &watch) {
                        let verdict = examiner.examine(place, seed);
                        if !self.go_on && !verdict.is_fine() {
                            stop.store(true, Ordering::Relaxed);
                        }
                        if sender.send(verdict).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            loop {
                match verdicts.recv_timeout(PROGRESS_EVERY) {
                    Ok(verdict) => tally.add(verdict),
                    Err(mpsc::RecvTimeoutError::Timeout) => {}
                    Err(mpsc::RecvTimeoutError::Disconnected) => break,
                }
                progress(&tally, watch.elapsed());
            }
        });
        (tally, watch.elapsed())
    }

    fn next(&self, taken: &AtomicU64, stop: &AtomicBool, watch: &Watch) -> Option<(u64, u64)> {
        let late = self.time_box.is_some_and(|limit| watch.elapsed() >= limit);
        if late || stop.load(Ordering::Relaxed) {
            return None;
        }
        let place = taken.fetch_add(1, Ordering::Relaxed);
        Some((place, self.seeds.nth(place)?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::examine::Repeats;
    use super::*;
    use crate::simulator::fake::Fake;

    fn check(go_on: bool, time_box: Option<Duration>, fails: fn(u64) -> bool) -> Tally {
        let fake = Fake::new(move |plan| fails(plan.seed).then_some("stock"));
        let examiner = Examiner {
            simulator: &fake,
            repeats: Repeats::default(),
            elsewhere: None,
        };
        let campaign = Campaign {
            seeds: Seeds { first: 10, end: 60 },
            jobs: 3,
            time_box,
            go_on,
        };
        campaign.run(&examiner, &mut |_, _| {}).0
    }

    #[test]
    fn every_seed_is_run_and_some_twice() {
        let tally = check(false, None, |_| false);
        assert_eq!((tally.seeds, tally.is_fine()), (50, true));
        // Three of them are run twice.
        assert_eq!(tally.simulated_us, 53 * 60_000_000);
        assert_eq!(tally.probes["fake.probe"], 50);
    }

    #[test]
    fn it_stops_at_the_first_failure() {
        let tally = check(false, None, |seed| seed == 12);
        assert_eq!(tally.failed[0].seed, 12);
        assert!(tally.seeds < 50, "{}", tally.seeds);
    }

    #[test]
    fn or_goes_on_and_tells_all_in_order() {
        let tally = check(true, None, |seed| seed % 10 == 5);
        let failed: Vec<u64> = tally.failed.iter().map(|verdict| verdict.seed).collect();
        assert_eq!(failed, [15, 25, 35, 45, 55]);
        assert_eq!(tally.seeds, 50);
    }

    #[test]
    fn a_panic_does_not_end_it() {
        let tally = check(true, None, |seed| {
            assert_ne!(seed, 20, "seed 20 panics");
            false
        });
        assert_eq!(tally.seeds, 50);
        let failure = tally.failed[0].failure.as_ref().expect("it failed");
        assert_eq!((tally.failed[0].seed, failure.oracle), (20, "panic"));
    }

    #[test]
    fn past_its_time_nothing_is_begun() {
        assert_eq!(check(false, Some(Duration::ZERO), |_| false).seeds, 0);
    }
}
