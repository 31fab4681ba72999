//! The rolling hash of a run: equal for two runs if, and for all practical purposes only if, every step was equal.

/// 128 bits that every step goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StepHash {
    low: u64,
    high: u64,
}

/// Odd, without a pattern: the fractions of pi and of e.
const FACTORS: [u64; 2] = [0x243f_6a88_85a3_08d3, 0xb7e1_5162_8aed_2a6b];

impl Default for StepHash {
    fn default() -> Self {
        Self {
            low: FACTORS[1],
            high: FACTORS[0],
        }
    }
}

impl StepHash {
    /// Takes in one step.
    pub(super) fn add(&mut self, words: [u64; 4]) {
        for pair in words.chunks_exact(2) {
            let (low, high) = (self.low ^ pair[0], self.high ^ pair[1]);
            self.low = fold(low, FACTORS[0]) ^ high;
            self.high = fold(high, FACTORS[1]).rotate_left(23) ^ low;
        }
    }

    /// The hash so far.
    pub(super) fn value(self) -> u128 {
        u128::from(self.high) << 64 | u128::from(self.low)
    }
}

/// Both halves of the product.
fn fold(word: u64, factor: u64) -> u64 {
    let product = u128::from(word) * u128::from(factor);
    (product as u64) ^ (product >> 64) as u64
}
