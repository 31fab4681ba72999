//! Figures of a running store.

use std::array;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Buckets of [`EmbeddedMetrics::sync_us`].
pub const SYNC_BUCKETS: usize = 32;

/// What a store did since it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedMetrics {
    /// Groups written: each one record of the log and one sync.
    pub groups: u64,
    /// Commits in them.
    pub commits: u64,
    /// Commits refused because something they had read was written since (1020).
    pub conflicts: u64,
    /// Commits refused because they had read too long ago (1007).
    pub too_old: u64,
    /// Commits refused because too many waited (1042).
    pub refused: u64,
    /// Bytes appended to the log.
    pub log_bytes: u64,
    /// Appends with their sync, by duration: bucket `n` counts those below 2^`n` µs, the last all others.
    pub sync_us: [u64; SYNC_BUCKETS],
    /// The sum of those durations, in µs.
    pub sync_us_sum: u64,
    /// How often the committer paused because merging was behind.
    pub pauses: u64,
    /// How often the committer waited because tables could not be written fast enough.
    pub stalls: u64,
    /// Write buffers made into tables.
    pub flushes: u64,
    /// Merges of tables.
    pub compactions: u64,
    /// Commits that wait for their group now.
    pub queue: u64,
    /// Bytes of write buffers now.
    pub buffer_bytes: u64,
    /// Bytes of tables and large values on disk now, without the log.
    pub disk_bytes: u64,
    /// Groups that were read from the log when the store was opened.
    pub replayed: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) groups: AtomicU64,
    pub(crate) commits: AtomicU64,
    pub(crate) conflicts: AtomicU64,
    pub(crate) too_old: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) log_bytes: AtomicU64,
    pub(crate) pauses: AtomicU64,
    pub(crate) stalls: AtomicU64,
    pub(crate) flushes: AtomicU64,
    pub(crate) compactions: AtomicU64,
    pub(crate) replayed: AtomicU64,
    sync_us: [AtomicU64; SYNC_BUCKETS],
    sync_us_sum: AtomicU64,
}

impl Counters {
    pub(crate) fn add(counter: &AtomicU64, n: u64) {
        counter.fetch_add(n, Relaxed);
    }

    pub(crate) fn record_sync(&self, duration: Duration) {
        let us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let bucket = (u64::BITS - us.leading_zeros()) as usize;
        Self::add(&self.sync_us[bucket.min(SYNC_BUCKETS - 1)], 1);
        Self::add(&self.sync_us_sum, us);
    }

    pub(crate) fn snapshot(
        &self,
        queue: u64,
        buffer_bytes: u64,
        disk_bytes: u64,
    ) -> EmbeddedMetrics {
        EmbeddedMetrics {
            groups: self.groups.load(Relaxed),
            commits: self.commits.load(Relaxed),
            conflicts: self.conflicts.load(Relaxed),
            too_old: self.too_old.load(Relaxed),
            refused: self.refused.load(Relaxed),
            log_bytes: self.log_bytes.load(Relaxed),
            sync_us: array::from_fn(|bucket| self.sync_us[bucket].load(Relaxed)),
            sync_us_sum: self.sync_us_sum.load(Relaxed),
            pauses: self.pauses.load(Relaxed),
            stalls: self.stalls.load(Relaxed),
            flushes: self.flushes.load(Relaxed),
            compactions: self.compactions.load(Relaxed),
            queue,
            buffer_bytes,
            disk_bytes,
            replayed: self.replayed.load(Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_counts_in_the_first_bucket_above_it() {
        let counters = Counters::default();
        for us in [0, 1, 2, 3, 4, 100, u64::MAX / 2] {
            counters.record_sync(Duration::from_micros(us));
        }
        let sync_us = counters.snapshot(0, 0, 0).sync_us;
        assert_eq!(sync_us[..8], [1, 1, 2, 1, 0, 0, 0, 1]);
        assert_eq!(sync_us[SYNC_BUCKETS - 1], 1);
    }
}
