//! Slows commits down while merging is behind, so that they need not stop.
//!
//! Tables come faster than they can be merged where rows are written as fast as they come. Without a brake all commits stop at
//! the limit of overlapping tables until the merge under way is done, which is seconds. As in RocksDB's delayed writes, commits slow
//! down before, the more the nearer that limit is: the processor that they leave goes to the merge.

use std::time::{Duration, Instant};

/// Tables that overlap before commits slow down. A merge takes eight; as many more come while it lasts.
const OVERLAPPING_FREE: usize = 10;

/// For each table above, a pause of this part of the time that a group took.
const PAUSE_PARTS: u32 = 2;

/// Who waits for commits has used the rest of a longer time for something else.
const CYCLE_MAX: Duration = Duration::from_millis(50);

/// The longest pause after one group.
const PAUSE_MAX: Duration = Duration::from_millis(200);

/// Nobody is made to write less than this in a second, and so nobody pauses who writes little.
const BYTES_PER_SECOND_MIN: u64 = 16 << 20;

/// The committer's brake.
pub(crate) struct Brake {
    /// The end of the last group, and of the pause after it.
    since: Instant,
    /// Bytes that were written since.
    bytes: u64,
}

impl Brake {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            since: now,
            bytes: 0,
        }
    }

    /// So many bytes were written.
    pub(crate) fn wrote(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    /// A group is done `now`, while so many tables overlap: how long to pause for. The next group counts from the end of that.
    pub(crate) fn after_group(&mut self, now: Instant, overlapping: usize) -> Option<Duration> {
        let pause = pause_after(now - self.since, self.bytes, overlapping);
        *self = Self::new(now + pause);
        (!pause.is_zero()).then_some(pause)
    }
}

/// The pause after a group of so many bytes that took `cycle`, with the wait for its commits.
fn pause_after(cycle: Duration, bytes: u64, overlapping: usize) -> Duration {
    let above = overlapping.saturating_sub(OVERLAPPING_FREE);
    let parts = u32::try_from(above).unwrap_or(u32::MAX);
    let pause = (cycle.min(CYCLE_MAX) / PAUSE_PARTS).saturating_mul(parts);
    let slowest_us = bytes.saturating_mul(1_000_000) / BYTES_PER_SECOND_MIN;
    pause.min(Duration::from_micros(slowest_us)).min(PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MUCH: u64 = 4 << 20;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn commits_slow_down_the_more_tables_overlap() {
        assert_eq!(pause_after(ms(20), MUCH, 0), ms(0));
        assert_eq!(pause_after(ms(20), MUCH, OVERLAPPING_FREE), ms(0));
        assert_eq!(pause_after(ms(20), MUCH, OVERLAPPING_FREE + 1), ms(10));
        assert_eq!(pause_after(ms(20), MUCH, OVERLAPPING_FREE + 4), ms(40));
        assert_eq!(pause_after(ms(0), MUCH, OVERLAPPING_FREE + 4), ms(0));
        assert_eq!(pause_after(ms(90_000), MUCH, OVERLAPPING_FREE + 1), ms(25));
        assert_eq!(pause_after(ms(90_000), MUCH, usize::MAX), PAUSE_MAX);
        assert_eq!(pause_after(ms(90_000), u64::MAX, usize::MAX), PAUSE_MAX);
    }

    #[test]
    fn who_writes_little_is_not_the_cause() {
        let behind = OVERLAPPING_FREE + 9;
        let slowest = Duration::from_secs(1) / 1024;
        assert_eq!(pause_after(ms(50), 0, behind), ms(0));
        let pause = pause_after(ms(50), BYTES_PER_SECOND_MIN / 1024, behind);
        assert_eq!(pause.as_micros(), slowest.as_micros());
    }

    #[test]
    fn a_pause_is_no_part_of_the_next_cycle() {
        let began = Instant::now();
        let mut brake = Brake::new(began);
        assert_eq!(brake.after_group(began, OVERLAPPING_FREE), None);

        brake.wrote(MUCH);
        let done = began + ms(20);
        let pause = brake.after_group(done, OVERLAPPING_FREE + 2);
        assert_eq!(pause, Some(ms(20)));

        brake.wrote(MUCH);
        let done = done + ms(20) + ms(4);
        let pause = brake.after_group(done, OVERLAPPING_FREE + 2);
        assert_eq!(pause, Some(ms(4)));
        assert_eq!(brake.after_group(done + ms(50), OVERLAPPING_FREE + 2), None);
    }
}
