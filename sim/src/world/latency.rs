//! How long things take: mostly about the mean, now and then many times that.

/// Random bits that lengthen a way by once the mean if all below are zeros; each further one doubles that.
const FIRST_DOUBLING: u32 = 4;

/// How long ways are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Latency {
    /// In microseconds.
    pub(crate) mean_us: u32,
    /// The longest are 2 to this power times the mean.
    pub(crate) tail_doublings: u32,
}

impl Latency {
    /// A delay around the mean from 64 random bits: between half and one and a half of it for most, with a tail that
    /// halves with each doubling. Whole numbers only, so that every machine agrees.
    pub(crate) fn of_us(self, bits: u64) -> u64 {
        let mean_us = u64::from(self.mean_us);
        let body = mean_us / 2 + below(mean_us.max(1), bits);
        let doublings = (bits >> 32).trailing_zeros().saturating_sub(FIRST_DOUBLING);
        match doublings {
            1.. if doublings <= self.tail_doublings => body + (mean_us << doublings),
            _ => body,
        }
    }
}

/// A number below `bound` from the lower half of `bits`.
pub(crate) fn below(bound: u64, bits: u64) -> u64 {
    ((u128::from(bits & u64::from(u32::MAX)) * u128::from(bound)) >> 32) as u64
}

/// A number from `from` to below `to`.
pub(crate) fn between(from: u64, to: u64, bits: u64) -> u64 {
    from + below(to.saturating_sub(from), bits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::keyed;
    use crate::plan::TAIL_DOUBLINGS_MAX;

    fn drawn(mean_us: u32, tail_doublings: u32) -> Vec<u64> {
        let latency = Latency {
            mean_us,
            tail_doublings,
        };
        let mut drawn: Vec<u64> = (0..10_000)
            .map(|nth| latency.of_us(keyed(1, [nth, 0, 0, 0]) as u64))
            .collect();
        drawn.sort_unstable();
        drawn
    }

    #[test]
    fn most_are_near_the_mean_and_a_few_far_from_it() {
        let drawn = drawn(1_000, TAIL_DOUBLINGS_MAX);
        assert!(
            drawn[0] >= 500 && drawn[5_000] < 1_100,
            "{} {}",
            drawn[0],
            drawn[5_000]
        );
        assert!(
            drawn[9_000] < 1_500 && drawn[9_990] > 3_000,
            "{} {}",
            drawn[9_000],
            drawn[9_990]
        );
        assert!(
            (33_000..=65_500).contains(&drawn[9_999]),
            "{}",
            drawn[9_999]
        );
    }

    #[test]
    fn without_a_tail_none_is_far_from_the_mean() {
        let drawn = drawn(1_000, 0);
        assert!(drawn[0] >= 500 && drawn[9_999] < 1_500);
    }

    #[test]
    fn what_takes_no_time_has_no_tail() {
        assert_eq!(drawn(0, TAIL_DOUBLINGS_MAX)[9_999], 0);
    }
}
