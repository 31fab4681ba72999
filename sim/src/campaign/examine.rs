//! One seed: it is run, some are run again, a few in another process too, and all must be equal in every step.

use std::collections::BTreeMap;
use std::fmt;

use sim::outcome::{Failure, Outcome, RunOptions};
use sim::plan::Plan;

use super::timeline::timeline;
use crate::simulator::{Ran, Simulator, draw_caught, failure, run_caught};

/// One in so many seeds is run twice.
const TWICE_EVERY: u64 = 20;
/// One in so many seeds is run in another process as well.
const ELSEWHERE_EVERY: u64 = 400;

const _: () = assert!(
    ELSEWHERE_EVERY.is_multiple_of(TWICE_EVERY),
    "a seed that is run elsewhere is run twice here first, so that one finding is told once"
);

/// How often seeds are run again: one in so many, the first of all among them; 0: none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeats {
    pub(crate) twice_every: u64,
    pub(crate) elsewhere_every: u64,
}

impl Default for Repeats {
    fn default() -> Self {
        Self {
            twice_every: TWICE_EVERY,
            elsewhere_every: ELSEWHERE_EVERY,
        }
    }
}

impl Repeats {
    /// Every seed is run once.
    pub(crate) const NEVER: Self = Self {
        twice_every: 0,
        elsewhere_every: 0,
    };
}

/// Whether the `place`-th of a campaign is one of those that come `every` so often.
fn is_due(place: u64, every: u64) -> bool {
    every > 0 && place.is_multiple_of(every)
}

/// What a run in another process says.
pub(crate) trait Elsewhere: Sync {
    /// Its hash, as [`hash_text`] writes it.
    fn hash(&self, seed: u64) -> Result<String, String>;

    /// Its steps, as [`timeline`] writes them.
    fn timeline(&self, seed: u64) -> Result<Vec<String>, String>;
}

/// Examines seeds.
pub(crate) struct Examiner<'a> {
    pub(crate) simulator: &'a dyn Simulator,
    pub(crate) repeats: Repeats,
    pub(crate) elsewhere: Option<&'a dyn Elsewhere>,
}

/// What one seed gave.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) seed: u64,
    /// How often it was run, here and elsewhere, without those runs that are traced.
    pub(crate) runs: u64,
    /// Virtual time of one run.
    pub(crate) simulated_us: u64,
    /// Commands answered in one run.
    pub(crate) commands: u64,
    pub(crate) faults: BTreeMap<&'static str, u64>,
    pub(crate) probes: BTreeMap<&'static str, u64>,
    pub(crate) failure: Option<Failure>,
    pub(crate) parted: Option<Parted>,
}

impl Verdict {
    pub(crate) fn is_fine(&self) -> bool {
        self.failure.is_none() && self.parted.is_none()
    }
}

/// Two runs of one plan that were not equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parted {
    /// Where the other run was.
    pub(crate) other: &'static str,
    /// The first step in which they differ, counted from 0, and what each did; none if their steps are equal.
    pub(crate) step: Option<(usize, String, String)>,
}

impl fmt::Display for Parted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { other, step } = self;
        match step {
            Some((at, here, there)) => write!(
                f,
                "the run {other} parts at step {at}\n  first: {here}\n  other: {there}"
            ),
            None => write!(
                f,
                "the run {other} differed, but the traced runs are equal: something outside the plan has a say"
            ),
        }
    }
}

impl Examiner<'_> {
    /// Runs the seed, the `place`-th of its campaign.
    pub(crate) fn examine(&self, place: u64, seed: u64) -> Verdict {
        let plan = match draw_caught(self.simulator, seed) {
            Ok(plan) => plan,
            Err(panicked) => return verdict(seed, &Err(panicked)),
        };
        let ran = run_caught(self.simulator, &plan, RunOptions::default());
        let mut verdict = verdict(seed, &ran);
        if is_due(place, self.repeats.twice_every) {
            verdict.runs += 1;
            verdict.parted = self.again_here(&plan, &ran);
        }
        if verdict.parted.is_none() && is_due(place, self.repeats.elsewhere_every) {
            self.again_elsewhere(&plan, &ran, &mut verdict);
        }
        verdict
    }

    fn again_here(&self, plan: &Plan, first: &Ran) -> Option<Parted> {
        let again = run_caught(self.simulator, plan, RunOptions::default());
        (hash_text(first) != hash_text(&again) || failure(first) != failure(&again)).then(|| {
            let (here, there) = (self.steps(plan), self.steps(plan));
            Parted {
                other: "again in this process",
                step: first_difference(&here, &there),
            }
        })
    }

    fn again_elsewhere(&self, plan: &Plan, first: &Ran, verdict: &mut Verdict) {
        let Some(elsewhere) = self.elsewhere else {
            return;
        };
        verdict.runs += 1;
        match elsewhere.hash(plan.seed) {
            Ok(hash) if hash == hash_text(first) => {}
            Ok(_) => {
                let there = elsewhere.timeline(plan.seed).unwrap_or_default();
                verdict.parted = Some(Parted {
                    other: "in another process",
                    step: first_difference(&self.steps(plan), &there),
                });
            }
            Err(detail) => {
                verdict.failure.get_or_insert(Failure {
                    oracle: "elsewhere",
                    detail,
                    at_us: 0,
                });
            }
        }
    }

    fn steps(&self, plan: &Plan) -> Vec<String> {
        let options = RunOptions {
            trace: true,
            ..RunOptions::default()
        };
        match run_caught(self.simulator, plan, options) {
            Ok(outcome) => timeline(&outcome).collect(),
            Err(panicked) => vec![panicked.detail],
        }
    }
}

/// A run's hash as it is printed and compared; a run that panicked has none.
pub(crate) fn hash_text(ran: &Ran) -> String {
    match ran {
        Ok(outcome) => format!("{:032x}", outcome.hash),
        Err(_) => "none".to_owned(),
    }
}

/// Where two timelines part.
fn first_difference(here: &[String], there: &[String]) -> Option<(usize, String, String)> {
    let line = |lines: &[String], at: usize| {
        let line = lines.get(at);
        line.map_or_else(|| "(it had ended)".to_owned(), Clone::clone)
    };
    let at = (0..here.len().max(there.len())).find(|at| here.get(*at) != there.get(*at))?;
    Some((at, line(here, at), line(there, at)))
}

fn verdict(seed: u64, ran: &Ran) -> Verdict {
    let outcome = ran.as_ref().ok();
    Verdict {
        seed,
        runs: 1,
        simulated_us: outcome.map_or(0, |outcome| outcome.simulated_us),
        commands: outcome.map_or(0, |outcome| outcome.commands),
        faults: outcome.map_or_else(BTreeMap::new, |outcome| faults_by_kind(outcome)),
        probes: outcome.map_or_else(BTreeMap::new, |outcome| outcome.probes.clone()),
        failure: failure(ran).cloned(),
        parted: None,
    }
}

/// The faults that happened, counted by their kind.
pub(crate) fn faults_by_kind(outcome: &Outcome) -> BTreeMap<&'static str, u64> {
    let mut faults = BTreeMap::new();
    for fired in &outcome.fired {
        *faults.entry(fired.kind).or_default() += 1;
    }
    faults
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use sim::outcome::{Happening, Step};

    use super::*;
    use crate::simulator::fake::{Fake, plan};

    /// Draws the same plan each time, but its second step depends on how often it ran.
    struct Moody(AtomicU64);

    impl Simulator for Moody {
        fn draw(&self, seed: u64) -> Plan {
            plan(seed)
        }

        fn check(&self, _plan: &Plan) -> Result<(), sim::plan::PlanError> {
            Ok(())
        }

        fn run(&self, plan: &Plan, options: RunOptions) -> Outcome {
            let count = self.0.fetch_add(1, Ordering::Relaxed);
            let mut outcome = Fake::new(|_| None).run(plan, options);
            outcome.hash = u128::from(count);
            outcome.trace = [0, count]
                .map(|task| Step {
                    at_us: 1,
                    hash: u128::from(task),
                    what: Happening::Ran { lane: (1, 0), task },
                })
                .into();
            outcome
        }
    }

    struct Other(&'static str);

    impl Elsewhere for Other {
        fn hash(&self, _seed: u64) -> Result<String, String> {
            Ok(self.0.to_owned())
        }

        fn timeline(&self, _seed: u64) -> Result<Vec<String>, String> {
            Ok(vec!["another step".to_owned()])
        }
    }

    fn examine(
        simulator: &dyn Simulator,
        elsewhere: Option<&dyn Elsewhere>,
        place: u64,
    ) -> Verdict {
        let examiner = Examiner {
            simulator,
            repeats: Repeats::default(),
            elsewhere,
        };
        examiner.examine(place, 3)
    }

    #[test]
    fn what_differs_is_told_with_its_first_step() {
        let verdict = examine(&Moody(AtomicU64::new(0)), None, 0);
        let (at, here, there) = verdict.parted.expect("it differs").step.expect("in a step");
        assert_eq!(at, 1);
        assert_ne!(here, there);
    }

    #[test]
    fn only_some_seeds_are_run_again() {
        let moody = Moody(AtomicU64::new(0));
        let verdict = examine(&moody, None, 1);
        assert!(verdict.is_fine());
        assert_eq!(verdict.runs, 1);
        assert_eq!(moody.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn once_is_once_also_for_the_first() {
        let moody = Moody(AtomicU64::new(0));
        let examiner = Examiner {
            simulator: &moody,
            repeats: Repeats::NEVER,
            elsewhere: Some(&Other("4")),
        };
        assert!((0..3).all(|place| examiner.examine(place, 3).is_fine()));
        assert_eq!(moody.0.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn another_process_must_agree() {
        let fake = Fake::new(|_| None);
        let same = Other("00000000000000000000000000000003");
        let verdict = examine(&fake, Some(&same), 0);
        assert!(verdict.is_fine());
        assert_eq!(verdict.runs, 3);
        let other = examine(&fake, Some(&Other("4")), 0)
            .parted
            .expect("it differs");
        assert_eq!(other.other, "in another process");
        assert_eq!(other.step.expect("in a step").2, "another step");
    }
}
