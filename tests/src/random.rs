//! Randomness that a seed repeats.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// A stream of random numbers. One stream per concern: derive another with its own salt.
#[derive(Clone, Debug)]
pub struct Random(Xoshiro256PlusPlus);

impl Random {
    /// The stream of this seed and salt.
    pub fn new(seed: u64, salt: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(
            seed ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        ))
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `end`; 0 if `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        let wide = u128::from(self.any()) * end as u128;
        (wide >> 64) as usize
    }

    /// True so many times out of a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// The seed of a run: what the variable says, or one of the clock's, which is printed so that it can be repeated.
pub fn seed(variable: &str) -> u64 {
    let given = std::env::var(variable).ok();
    let seed = given.and_then(|text| text.parse().ok()).unwrap_or_else(|| {
        let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        clock.map_or(1, |since| since.as_nanos() as u64 & 0xffff_ffff)
    });
    eprintln!("seed {seed}: {variable}={seed} repeats this run");
    seed
}

/// A number that a variable may set.
pub fn number(variable: &str, default: u64) -> u64 {
    let given = std::env::var(variable).ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn a_seed_repeats_its_stream_and_salts_part_them() {
        let stream = |seed, salt| {
            let mut random = Random::new(seed, salt);
            (0..8).map(|_| random.any()).collect::<Vec<_>>()
        };
        assert_eq!(stream(7, 1), stream(7, 1));
        assert_ne!(stream(7, 1), stream(7, 2));
        assert_ne!(stream(7, 1), stream(8, 1));
    }

    #[test]
    fn below_reaches_every_number_and_none_past_it() {
        let mut random = Random::new(1, 1);
        let mut seen = [0; 5];
        for _ in 0..1_000 {
            seen[random.below(5)] += 1;
        }
        assert!(seen.iter().all(|times| *times > 100), "{seen:?}");
    }
}
