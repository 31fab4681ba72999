//! Pauses between tries: doubled each time, and drawn from the upper half, so that many clients don't come back at once.

use std::time::Duration;

/// The pauses of one endpoint.
#[derive(Debug)]
pub(crate) struct Backoff {
    min: Duration,
    max: Duration,
    next: Duration,
    draws: u64,
}

impl Backoff {
    /// `seed` makes its pauses differ from those of others.
    pub(crate) fn new(min: Duration, max: Duration, seed: u64) -> Self {
        Self {
            min,
            max,
            next: min,
            draws: seed,
        }
    }

    /// The pause after another failure.
    pub(crate) fn pause(&mut self) -> Duration {
        let whole = self.next;
        self.next = whole.saturating_mul(2).min(self.max);
        let half = whole / 2;
        half + half.mul_f64(self.draw())
    }

    /// It works again: the next failure is the first.
    pub(crate) fn reset(&mut self) {
        self.next = self.min;
    }

    /// From 0 to 1, by splitmix64 (Steele, Lea, Flood, 2014).
    fn draw(&mut self) -> f64 {
        self.draws = self.draws.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.draws;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        (mixed >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_start_over() {
        let ms = Duration::from_millis;
        let mut backoff = Backoff::new(ms(50), ms(300), 7);
        let check = |backoff: &mut Backoff, whole: u64| {
            let pause = backoff.pause();
            assert!(
                pause >= ms(whole) / 2 && pause <= ms(whole),
                "{pause:?} of {whole} ms"
            );
        };
        for whole in [50, 100, 200, 300, 300] {
            check(&mut backoff, whole);
        }
        backoff.reset();
        check(&mut backoff, 50);
    }

    #[test]
    fn two_clients_pause_differently() {
        let pauses = |seed| {
            let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(9), seed);
            [backoff.pause(), backoff.pause()]
        };
        assert_ne!(pauses(1), pauses(2));
    }
}
