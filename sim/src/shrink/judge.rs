//! Asks the simulator whether a smaller plan still fails the same oracle, and keeps it if so.

use std::collections::{BTreeMap, BTreeSet};

use sim::fault::FaultId;
use sim::outcome::RunOptions;
use sim::plan::Plan;

use super::Shrunk;
use crate::simulator::{PANIC, Ran, Simulator, failure, run_caught};

/// The plan to shrink does not fail.
#[derive(Debug, thiserror::Error)]
#[error("the plan passes, so there is nothing to shrink: `hunt-sim run` names seeds that fail")]
pub(crate) struct NotFailing;

/// How near to a panic a run is stopped, to see what led to it.
const PANIC_NEARNESS_US: u64 = 100;

/// Holds the smallest failing plan so far.
pub(crate) struct Judge<'a> {
    simulator: &'a dyn Simulator,
    told: &'a mut dyn FnMut(&Plan, u32),
    oracle: &'static str,
    best: Plan,
    seen: Seen,
    refused: BTreeSet<String>,
    runs: u32,
    runs_max: u32,
}

/// What the run of the smallest plan so far showed.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) fired: BTreeSet<FaultId>,
    pub(super) failed_at_us: u64,
    /// The operations that each client began.
    pub(super) begun: BTreeMap<u32, u32>,
}

impl<'a> Judge<'a> {
    /// Runs the plan to learn which oracle it fails.
    pub(crate) fn new(
        simulator: &'a dyn Simulator,
        plan: Plan,
        runs_max: u32,
        told: &'a mut dyn FnMut(&Plan, u32),
    ) -> Result<Self, NotFailing> {
        let ran = run_caught(simulator, &plan, RunOptions::default());
        let oracle = failure(&ran).ok_or(NotFailing)?.oracle;
        Ok(Self {
            simulator,
            told,
            oracle,
            best: plan,
            seen: seen(&ran),
            refused: BTreeSet::new(),
            runs: 1,
            runs_max,
        })
    }

    /// The smallest plan so far.
    pub(crate) fn plan(&self) -> &Plan {
        &self.best
    }

    pub(super) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Learns what happens in a plan whose run panics, which tells nothing itself: the same run, stopped just before, does.
    pub(super) fn look_before_panic(&mut self) {
        if self.oracle != PANIC {
            return;
        }
        let (mut before_us, mut after_us) = (0, self.best.duration_ms.saturating_mul(2_000));
        while after_us - before_us > PANIC_NEARNESS_US && !self.is_spent() {
            let middle_us = before_us + (after_us - before_us) / 2;
            let options = RunOptions {
                until_us: Some(middle_us),
                ..RunOptions::default()
            };
            self.runs += 1;
            match run_caught(self.simulator, &self.best, options) {
                Err(_) => after_us = middle_us,
                ran => {
                    before_us = middle_us;
                    self.seen = seen(&ran);
                    self.seen.failed_at_us = middle_us;
                }
            }
        }
    }

    /// The bound on runs is reached.
    pub(crate) fn is_spent(&self) -> bool {
        self.runs >= self.runs_max
    }

    /// Keeps the plan if it still fails the same oracle.
    pub(super) fn offer(&mut self, plan: Plan) -> bool {
        if plan == self.best {
            return true;
        }
        let key = serde_json::to_string(&plan).expect("a plan is plain data");
        if self.is_spent() || self.refused.contains(&key) || self.simulator.check(&plan).is_err() {
            return false;
        }
        self.runs += 1;
        let ran = run_caught(self.simulator, &plan, RunOptions::default());
        if failure(&ran).is_none_or(|failure| failure.oracle != self.oracle) {
            self.refused.insert(key);
            return false;
        }
        // A run that panicked shows nothing but that: what its predecessor showed still bounds it.
        if ran.is_ok() {
            self.seen = seen(&ran);
        }
        self.best = plan;
        (self.told)(&self.best, self.runs);
        true
    }

    /// Keeps the smallest plan that still fails: `with(plan, items)` is the plan with only these items.
    pub(super) fn reduce<T: Clone>(&mut self, items: Vec<T>, with: impl Fn(&Plan, &[T]) -> Plan) {
        let base = self.best.clone();
        super::ddmin::ddmin(items, |items| self.offer(with(&base, items)));
    }

    /// What came of it all.
    pub(crate) fn end(self) -> Shrunk {
        Shrunk {
            minimal: !self.is_spent(),
            faults: self.seen.fired.len(),
            plan: self.best,
            oracle: self.oracle,
            runs: self.runs,
        }
    }
}

fn seen(ran: &Ran) -> Seen {
    let Ok(outcome) = ran else {
        return Seen::default();
    };
    let mut begun = BTreeMap::new();
    for op in &outcome.history.ops {
        let count: &mut u32 = begun.entry(op.client).or_default();
        *count = (*count).max(op.nth.saturating_add(1));
    }
    Seen {
        fired: outcome.fired.iter().map(|fault| fault.id.clone()).collect(),
        failed_at_us: outcome.failure.as_ref().map_or(0, |f| f.at_us),
        begun,
    }
}
