//! What the transactions of a process did: counted by each core for itself, read by whoever asks.

use std::array;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Buckets of [`Latencies`].
pub const LATENCY_BUCKETS: usize = 32;

/// What the transactions did since the store was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FdbMetrics {
    /// Transactions begun, each new try by `on_error` not counted.
    pub begun: u64,
    /// Commits that wrote something.
    pub commits: u64,
    /// Tries that ended with [`store::code::NOT_COMMITTED`].
    pub conflicts: u64,
    /// Commits of which it is not known whether they happened: 1021, 1039.
    pub unknown_results: u64,
    /// New tries by `on_error`.
    pub retries: u64,
    /// Every error that was handed out, by its number.
    pub errors: BTreeMap<i32, u64>,
    /// From asking for a read version until the network thread had it. Reads at a version that was set ask for none.
    pub read_version: Latencies,
    /// From asking for a commit until the core saw the answer; only of commits that happened.
    pub commit: Latencies,
}

/// Durations by size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies {
    /// Bucket `n` counts those below 2^`n` µs, the last all others.
    pub us: [u64; LATENCY_BUCKETS],
    /// Their sum in µs.
    pub us_sum: u64,
}

/// The counters of all cores.
#[derive(Debug, Default)]
pub(crate) struct Meters(Mutex<Vec<Arc<CoreMeters>>>);

/// The counters of one core; only this core writes them.
#[derive(Debug, Default)]
pub(crate) struct CoreMeters {
    begun: AtomicU64,
    commits: AtomicU64,
    unknown_results: AtomicU64,
    retries: AtomicU64,
    read_version: Histogram,
    commit: Histogram,
    /// Behind a lock, as it is rarely touched.
    errors: Mutex<BTreeMap<i32, u64>>,
}

#[derive(Debug, Default)]
struct Histogram {
    us: [AtomicU64; LATENCY_BUCKETS],
    us_sum: AtomicU64,
}

impl Meters {
    /// Counters for one more core.
    pub(crate) fn register(&self) -> Arc<CoreMeters> {
        let meters = Arc::new(CoreMeters::default());
        self.cores().push(Arc::clone(&meters));
        meters
    }

    /// All cores' figures together.
    pub(crate) fn sum(&self) -> FdbMetrics {
        let mut sum = FdbMetrics::default();
        self.cores().iter().for_each(|core| core.add_to(&mut sum));
        sum.conflicts = sum
            .errors
            .get(&store::code::NOT_COMMITTED)
            .copied()
            .unwrap_or_default();
        sum
    }

    fn cores(&self) -> std::sync::MutexGuard<'_, Vec<Arc<CoreMeters>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CoreMeters {
    pub(crate) fn begun(&self) {
        add(&self.begun, 1);
    }

    pub(crate) fn committed(&self, took: Duration) {
        add(&self.commits, 1);
        self.commit.record(took);
    }

    pub(crate) fn result_unknown(&self) {
        add(&self.unknown_results, 1);
    }

    pub(crate) fn retried(&self) {
        add(&self.retries, 1);
    }

    pub(crate) fn read_version_came(&self, took: Duration) {
        self.read_version.record(took);
    }

    pub(crate) fn failed(&self, code: i32) {
        *self.errors().entry(code).or_default() += 1;
    }

    fn errors(&self) -> std::sync::MutexGuard<'_, BTreeMap<i32, u64>> {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add_to(&self, sum: &mut FdbMetrics) {
        sum.begun += self.begun.load(Relaxed);
        sum.commits += self.commits.load(Relaxed);
        sum.unknown_results += self.unknown_results.load(Relaxed);
        sum.retries += self.retries.load(Relaxed);
        self.read_version.add_to(&mut sum.read_version);
        self.commit.add_to(&mut sum.commit);
        for (code, count) in self.errors().iter() {
            *sum.errors.entry(*code).or_default() += count;
        }
    }
}

impl Histogram {
    fn record(&self, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = (u64::BITS - us.leading_zeros()) as usize;
        add(&self.us[bucket.min(LATENCY_BUCKETS - 1)], 1);
        add(&self.us_sum, us);
    }

    fn add_to(&self, sum: &mut Latencies) {
        let us: [u64; LATENCY_BUCKETS] = array::from_fn(|bucket| self.us[bucket].load(Relaxed));
        sum.us.iter_mut().zip(us).for_each(|(all, one)| *all += one);
        sum.us_sum = sum.us_sum.wrapping_add(self.us_sum.load(Relaxed));
    }
}

impl Latencies {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.us.iter().sum()
    }
}

/// Load and store, not a locked addition: there is one writer.
fn add(counter: &AtomicU64, more: u64) {
    counter.store(counter.load(Relaxed).wrapping_add(more), Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_add_up() {
        let meters = Meters::default();
        let (one, other) = (meters.register(), meters.register());
        one.committed(Duration::from_micros(3));
        other.committed(Duration::from_micros(4));
        for (core, code) in [(&one, 1020), (&other, 1020), (&other, 1021)] {
            core.failed(code);
        }
        let sum = meters.sum();
        assert_eq!((sum.commits, sum.conflicts), (2, 2));
        assert_eq!(sum.errors, BTreeMap::from([(1020, 2), (1021, 1)]));
        assert_eq!((sum.commit.us[2], sum.commit.us[3]), (1, 1));
        assert_eq!((sum.commit.count(), sum.commit.us_sum), (2, 7));
    }
}
