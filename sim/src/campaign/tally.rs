//! The sums of a campaign.

use std::collections::BTreeMap;

use super::examine::{Parted, Verdict};

/// What a campaign has found so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Seeds that were run.
    pub(crate) seeds: u64,
    /// Runs of these seeds: some are run again.
    pub(crate) runs: u64,
    /// Virtual time of all runs.
    pub(crate) simulated_us: u64,
    /// Commands answered in all runs.
    pub(crate) commands: u64,
    /// Faults that happened, by kind, each seed counted once.
    pub(crate) faults: BTreeMap<&'static str, u64>,
    /// How often each probe was hit, each seed counted once.
    pub(crate) probes: BTreeMap<&'static str, u64>,
    /// Seeds that failed.
    pub(crate) failed: Vec<Verdict>,
    /// Seeds of which two runs differed, and where they part.
    pub(crate) nondeterministic: BTreeMap<u64, Parted>,
}

impl Tally {
    /// Counts one seed.
    pub(crate) fn add(&mut self, verdict: Verdict) {
        self.seeds += 1;
        self.runs += verdict.runs;
        self.simulated_us += verdict.runs * verdict.simulated_us;
        self.commands += verdict.runs * verdict.commands;
        for (kind, count) in &verdict.faults {
            *self.faults.entry(kind).or_default() += count;
        }
        for (probe, count) in &verdict.probes {
            *self.probes.entry(probe).or_default() += count;
        }
        if let Some(parted) = &verdict.parted {
            self.nondeterministic.insert(verdict.seed, parted.clone());
        }
        if verdict.failure.is_some() {
            let place = self.failed.partition_point(|v| v.seed < verdict.seed);
            self.failed.insert(place, verdict);
        }
    }

    /// Every seed passed, and gave the same each time.
    pub(crate) fn is_fine(&self) -> bool {
        self.failed.is_empty() && self.nondeterministic.is_empty()
    }

    /// Probes of this list that no run hit.
    pub(crate) fn unhit(&self, known: &[&'static str]) -> Vec<&'static str> {
        let hit = |name: &&&'static str| self.probes.get(**name).is_none_or(|count| *count == 0);
        known.iter().filter(hit).copied().collect()
    }
}
