//! A node's own clocks, which are not the true time.

use std::cell::Cell;
use std::time::Duration;

use hunt::Millis;

use super::WALL_AT_START_MS;

/// Parts in a million parts.
const MILLION: u64 = 1_000_000;

/// The clocks of one machine, shared by its cores. They go on while its process is down.
#[derive(Debug)]
pub(crate) struct NodeClock {
    /// True time of the last change of the rate, and what the clock showed then.
    since: Cell<(u64, u64)>,
    /// Microseconds that it counts in one true second.
    rate: Cell<u64>,
    /// What the wall clock is ahead of the monotonic one.
    wall_offset_ms: Cell<i64>,
}

impl NodeClock {
    /// A machine that had been up for `origin_us` when the run began.
    pub(crate) fn new(origin_us: u64) -> Self {
        let wall = WALL_AT_START_MS.cast_signed() - (origin_us / 1_000).cast_signed();
        Self {
            since: Cell::new((0, origin_us)),
            rate: Cell::new(MILLION),
            wall_offset_ms: Cell::new(wall),
        }
    }

    /// What the monotonic clock shows at `true_us`.
    pub(crate) fn monotonic_us(&self, true_us: u64) -> u64 {
        let (since, shown) = self.since.get();
        let elapsed = true_us.saturating_sub(since);
        match self.rate.get() {
            MILLION => shown + elapsed,
            rate => shown + (u128::from(elapsed) * u128::from(rate) / u128::from(MILLION)) as u64,
        }
    }

    /// When, in true time, the monotonic clock will show `monotonic`.
    pub(crate) fn true_us(&self, monotonic: u64) -> u64 {
        let (since, shown) = self.since.get();
        let ahead = monotonic.saturating_sub(shown);
        let rate = self.rate.get();
        let elapsed = (u128::from(ahead) * u128::from(MILLION)).div_ceil(u128::from(rate));
        since + elapsed as u64
    }

    /// What the wall clock shows at `true_us`.
    pub(crate) fn wall(&self, true_us: u64) -> Millis {
        let monotonic_ms = (self.monotonic_us(true_us) / 1_000).cast_signed();
        let shown = monotonic_ms + self.wall_offset_ms.get();
        Millis(u64::try_from(shown).unwrap_or(0))
    }

    /// From now on the clocks are `ppm` parts per million fast, or slow if it is negative.
    pub(crate) fn drift(&self, true_us: u64, ppm: i64) {
        self.since.set((true_us, self.monotonic_us(true_us)));
        let rate = MILLION.cast_signed() + ppm;
        self.rate.set(u64::try_from(rate).unwrap_or(1).max(1));
    }

    /// The wall clock jumps.
    pub(crate) fn jump(&self, by_ms: i64) {
        self.wall_offset_ms.set(self.wall_offset_ms.get() + by_ms);
    }
}

/// Microseconds of a duration, rounded up: to wait is to wait at least that long.
pub(crate) fn micros(duration: Duration) -> u64 {
    let whole = duration.as_nanos().div_ceil(1_000);
    u64::try_from(whole)
        .unwrap_or(u64::MAX / 4)
        .min(u64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_clock_gains_and_never_runs_back() {
        let clock = NodeClock::new(5_000_000);
        assert_eq!(clock.monotonic_us(10), 5_000_010);
        clock.drift(1_000_000, 100);
        assert_eq!(clock.monotonic_us(2_000_000), 7_000_100);
        clock.drift(2_000_000, -500_000);
        assert_eq!(clock.monotonic_us(2_000_000), 7_000_100);
        assert_eq!(clock.monotonic_us(3_000_000), 7_500_100);
    }

    #[test]
    fn who_waits_by_a_drifting_clock_waits_long_enough() {
        for ppm in [-200_000, -7, 0, 7, 333_333] {
            let clock = NodeClock::new(123);
            clock.drift(1_000, ppm);
            let until = clock.monotonic_us(5_000) + 10_001;
            let at = clock.true_us(until);
            assert!(clock.monotonic_us(at) >= until, "{ppm}");
            assert!(clock.monotonic_us(at - 2) < until, "{ppm}");
        }
    }

    #[test]
    fn the_wall_clock_jumps_alone() {
        let clock = NodeClock::new(7_000_000);
        assert_eq!(clock.wall(2_000_000), Millis(WALL_AT_START_MS + 2_000));
        clock.jump(-500);
        assert_eq!(clock.wall(2_000_000), Millis(WALL_AT_START_MS + 1_500));
        assert_eq!(clock.monotonic_us(2_000_000), 9_000_000);
    }
}
