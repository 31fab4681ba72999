//! How long things take: mostly about the mean, now and then many times that.

/// A delay around `mean_us` from 64 random bits: between half and one and a half of it for most, with a tail that
/// halves with each doubling, as far as 64 times the mean. Whole numbers only, so that every machine agrees.
pub(crate) fn latency_us(mean_us: u32, bits: u64) -> u64 {
    let mean_us = u64::from(mean_us);
    let body = mean_us / 2 + below(mean_us.max(1), bits);
    match (bits >> 32).trailing_zeros() {
        tail @ 5..=10 => body + (mean_us << (tail - 4)),
        _ => body,
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

    #[test]
    fn most_are_near_the_mean_and_a_few_far_from_it() {
        let mut drawn: Vec<u64> = (0..10_000)
            .map(|nth| latency_us(1_000, keyed(1, [nth, 0, 0, 0]) as u64))
            .collect();
        drawn.sort_unstable();
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
        assert!(drawn[9_999] <= 65_500, "{}", drawn[9_999]);
        assert_eq!(latency_us(0, u64::MAX), 0);
    }
}
