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

/// The committer's brake.
pub(crate) struct Brake {
    /// The end of the last group, and of the pause after it.
    since: Instant,
}

impl Brake {
    pub(crate) fn new() -> Self {
        Self {
            since: Instant::now(),
        }
    }

    /// A group is done while so many tables overlap: how long to pause for. The next group counts from the end of that.
    pub(crate) fn after_group(&mut self, overlapping: usize) -> Option<Duration> {
        let now = Instant::now();
        let pause = pause_after(now - self.since, overlapping);
        self.since = now + pause;
        (!pause.is_zero()).then_some(pause)
    }
}

/// The pause after a group that took `cycle`, with the wait for its commits.
fn pause_after(cycle: Duration, overlapping: usize) -> Duration {
    let above = overlapping.saturating_sub(OVERLAPPING_FREE);
    let parts = u32::try_from(above).unwrap_or(u32::MAX);
    let pause = (cycle.min(CYCLE_MAX) / PAUSE_PARTS).saturating_mul(parts);
    pause.min(PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_slow_down_the_more_tables_overlap() {
        let ms = Duration::from_millis;
        assert_eq!(pause_after(ms(20), 0), ms(0));
        assert_eq!(pause_after(ms(20), OVERLAPPING_FREE), ms(0));
        assert_eq!(pause_after(ms(20), OVERLAPPING_FREE + 1), ms(10));
        assert_eq!(pause_after(ms(20), OVERLAPPING_FREE + 4), ms(40));
        assert_eq!(pause_after(ms(0), OVERLAPPING_FREE + 4), ms(0));
        assert_eq!(pause_after(ms(90_000), OVERLAPPING_FREE + 1), ms(25));
        assert_eq!(pause_after(ms(90_000), usize::MAX), PAUSE_MAX);
    }

    #[test]
    fn a_pause_is_no_part_of_the_next_cycle() {
        let mut brake = Brake::new();
        assert_eq!(brake.after_group(OVERLAPPING_FREE), None);
        brake.since = Instant::now()
            .checked_sub(CYCLE_MAX)
            .expect("a later moment");
        let pause = brake.after_group(OVERLAPPING_FREE + 2);
        assert_eq!(pause, Some(CYCLE_MAX));
        assert!(brake.since > Instant::now(), "until the pause is over");
        assert_eq!(brake.after_group(OVERLAPPING_FREE + 2), None);
    }
}
