//! When requests are planned. An open loop keeps to it whatever the target does.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

const NS_PER_S: f64 = 1e9;

/// How requests follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Closed loop: the next one as soon as one was answered.
    Max,
    /// Open loop: commands a second, evenly spaced.
    Constant(f64),
    /// Open loop: commands a second on average, as independent players send them.
    Poisson(f64),
}

impl Pace {
    /// Commands a second; none for the closed loop.
    pub fn per_s(self) -> Option<f64> {
        match self {
            Self::Max => None,
            Self::Constant(rate) | Self::Poisson(rate) => Some(rate),
        }
    }

    /// The pace of one of several senders, which has this share of the load.
    pub(crate) fn share(self, share: f64) -> Self {
        match self {
            Self::Max => Self::Max,
            Self::Constant(rate) => Self::Constant(rate * share),
            Self::Poisson(rate) => Self::Poisson(rate * share),
        }
    }
}

/// The planned times of one sender, in nanoseconds since the run began.
#[derive(Clone, Debug)]
pub struct Schedule {
    gaps: Gaps,
    gap_ns: f64,
    next_ns: f64,
}

#[derive(Clone, Debug)]
enum Gaps {
    None,
    Even { made: u64, phase: f64 },
    Exponential(Box<Xoshiro256PlusPlus>),
}

impl Schedule {
    /// The schedule of requests at this pace; `phase` (0 to 1) is where within the first gap an even one begins, so that several
    /// interleave, and `seed` decides a random one.
    pub fn new(pace: Pace, phase: f64, seed: u64) -> Self {
        let gap_ns = pace.per_s().map_or(0.0, |rate| NS_PER_S / rate);
        let gaps = match pace {
            Pace::Max => Gaps::None,
            Pace::Constant(_) => Gaps::Even { made: 0, phase },
            Pace::Poisson(_) => {
                Gaps::Exponential(Box::new(Xoshiro256PlusPlus::seed_from_u64(seed)))
            }
        };
        let mut schedule = Self {
            gaps,
            gap_ns,
            next_ns: 0.0,
        };
        schedule.advance();
        schedule
    }

    /// Whether requests wait for answers only.
    pub fn is_closed(&self) -> bool {
        matches!(self.gaps, Gaps::None)
    }

    /// When the next request is planned.
    pub fn next_ns(&self) -> u64 {
        self.next_ns as u64
    }

    /// Goes on to the one after.
    pub fn advance(&mut self) {
        match &mut self.gaps {
            Gaps::None => {}
            // From the beginning each time: a sum of rounded gaps would drift.
            Gaps::Even { made, phase } => {
                self.next_ns = (*made as f64 + *phase) * self.gap_ns;
                *made += 1;
            }
            // The inverse of the exponential distribution: Knuth, The Art of Computer Programming 2, 3.4.1 D.
            Gaps::Exponential(random) => {
                let uniform: f64 = random.random();
                self.next_ns -= (1.0 - uniform).ln() * self.gap_ns;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(pace: Pace, phase: f64, seed: u64, count: usize) -> Vec<u64> {
        let mut schedule = Schedule::new(pace, phase, seed);
        (0..count)
            .map(|_| {
                let next = schedule.next_ns();
                schedule.advance();
                next
            })
            .collect()
    }

    #[test]
    fn a_constant_pace_is_even_and_does_not_drift() {
        let times = planned(Pace::Constant(3_000.0), 0.0, 0, 30_001);
        assert_eq!(times[..4], [0, 333_333, 666_666, 1_000_000]);
        assert_eq!(times[30_000], 10_000_000_000);
    }

    #[test]
    fn phases_interleave() {
        assert_eq!(
            planned(Pace::Constant(1_000.0), 0.5, 0, 2),
            [500_000, 1_500_000]
        );
    }

    #[test]
    fn a_poisson_pace_has_exponential_gaps_of_the_right_mean() {
        let count = 100_000;
        let times = planned(Pace::Poisson(1_000.0), 0.0, 7, count);
        let gaps: Vec<f64> = times.windows(2).map(|w| (w[1] - w[0]) as f64).collect();
        let n = gaps.len() as f64;
        let mean = gaps.iter().sum::<f64>() / n;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / n;
        assert!((mean / 1e6 - 1.0).abs() < 0.02, "mean {mean}");
        // The deviation of an exponential distribution is its mean, and 1 - 1/e of it lies below the mean.
        assert!((variance.sqrt() / mean - 1.0).abs() < 0.03, "{variance}");
        let below = gaps.iter().filter(|gap| **gap < 1e6).count() as f64 / n;
        assert!((below - 0.632).abs() < 0.01, "{below}");
    }

    #[test]
    fn a_seed_decides_a_poisson_schedule() {
        let of = |seed| planned(Pace::Poisson(10.0), 0.0, seed, 10);
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }
}
