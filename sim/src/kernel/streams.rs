//! Randomness: one stream for each concern, each derived from the seed and what it is for.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use siphasher::sip128::SipHasher13;

/// A generator whose output is fixed by its name.
pub(crate) type Stream = Xoshiro256PlusPlus;

/// The stream of one concern.
pub(crate) fn stream(seed: u64, concern: &str, whose: u64) -> Stream {
    let salt = SipHasher13::new().hash(concern.as_bytes()).as_u128() as u64;
    let bits = keyed(seed, [salt, whose, 0, 0]);
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&bits.to_le_bytes());
    bytes[16..].copy_from_slice(&keyed(seed, [salt, whose, 1, 0]).to_le_bytes());
    Stream::from_seed(bytes)
}

/// 128 bits that depend on the seed and on `words` alone: SipHash-1-3, as [`SipHasher13`] computes it, without the
/// bookkeeping for bytes that come bit by bit. Every message and every operation of the store asks for them.
pub(crate) fn keyed(seed: u64, words: [u64; 4]) -> u128 {
    /// All the bytes, where the hash has their count.
    const LENGTH: u64 = 32 << 56;
    let mut sip = Sip::new(seed, !seed);
    for word in words {
        sip.take(word);
    }
    sip.take(LENGTH);
    sip.finish()
}

/// The state of the hash.
struct Sip([u64; 4]);

impl Sip {
    fn new(key0: u64, key1: u64) -> Self {
        Self([
            key0 ^ 0x736f_6d65_7073_6575,
            key1 ^ 0x646f_7261_6e64_6f6d ^ 0xee,
            key0 ^ 0x6c79_6765_6e65_7261,
            key1 ^ 0x7465_6462_7974_6573,
        ])
    }

    fn take(&mut self, word: u64) {
        self.0[3] ^= word;
        self.round();
        self.0[0] ^= word;
    }

    fn finish(mut self) -> u128 {
        self.0[2] ^= 0xee;
        let low = self.half();
        self.0[1] ^= 0xdd;
        let high = self.half();
        u128::from(high) << 64 | u128::from(low)
    }

    fn half(&mut self) -> u64 {
        for _ in 0..3 {
            self.round();
        }
        let [v0, v1, v2, v3] = self.0;
        v0 ^ v1 ^ v2 ^ v3
    }

    fn round(&mut self) {
        let [mut v0, mut v1, mut v2, mut v3] = self.0;
        v0 = v0.wrapping_add(v1);
        v2 = v2.wrapping_add(v3);
        v1 = v1.rotate_left(13) ^ v0;
        v3 = v3.rotate_left(16) ^ v2;
        v0 = v0.rotate_left(32);
        v2 = v2.wrapping_add(v1);
        v0 = v0.wrapping_add(v3);
        v1 = v1.rotate_left(17) ^ v2;
        v3 = v3.rotate_left(21) ^ v0;
        v2 = v2.rotate_left(32);
        self.0 = [v0, v1, v2, v3];
    }
}

#[cfg(test)]
mod tests {
    use std::hash::Hasher;

    use siphasher::sip128::Hasher128;

    use super::*;

    #[test]
    fn is_the_hash_that_it_says() {
        for seed in [0, 1, 4_711, u64::MAX] {
            let words = [seed, 7, seed.rotate_left(9), u64::MAX - seed];
            let mut hasher = SipHasher13::new_with_keys(seed, !seed);
            for word in words {
                hasher.write(&word.to_le_bytes());
            }
            assert_eq!(keyed(seed, words), hasher.finish128().as_u128());
        }
    }
}
