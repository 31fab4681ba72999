//! What the players saw, all together.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

/// Faults that are kept word for word.
const FAULTS_TOLD_MAX: usize = 10;
/// Longer than any answer is waited for, in microseconds.
const LATENCY_US_MAX: u64 = 60_000_000;
/// Significant digits of latencies.
const LATENCY_DIGITS: u8 = 3;

/// Counts of one play.
pub(super) struct Tally {
    /// Commands answered, repeated ones included.
    pub(super) commands: u64,
    /// Of these, sent again with the same key.
    pub(super) repeated: u64,
    /// Answers by outcome.
    pub(super) outcomes: BTreeMap<String, u64>,
    /// Treasures granted, as the players were told.
    pub(super) grants: BTreeMap<String, u64>,
    /// Microseconds from a question to its whole answer.
    pub(super) latency_us: Histogram<u64>,
    /// What was not as it should be.
    pub(super) faults: u64,
    /// The first of them.
    pub(super) faults_told: Vec<String>,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            commands: 0,
            repeated: 0,
            outcomes: BTreeMap::new(),
            grants: BTreeMap::new(),
            latency_us: Histogram::new_with_bounds(1, LATENCY_US_MAX, LATENCY_DIGITS)
                .expect("the bounds and the number of digits are ones that the histogram takes"),
            faults: 0,
            faults_told: Vec::new(),
        }
    }

    pub(super) fn answered(&mut self, took: Duration) {
        self.commands += 1;
        self.latency_us
            .saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1));
    }

    pub(super) fn outcome(&mut self, outcome: &str) {
        *self.outcomes.entry(outcome.to_owned()).or_default() += 1;
    }

    pub(super) fn granted(&mut self, treasure: &str) {
        *self.grants.entry(treasure.to_owned()).or_default() += 1;
    }

    pub(super) fn fault(&mut self, what: String) {
        self.faults += 1;
        if self.faults_told.len() < FAULTS_TOLD_MAX {
            self.faults_told.push(what);
        }
    }
}
