//! Randomness: one stream for each concern, each derived from the seed and what it is for.

use std::hash::Hasher;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use siphasher::sip128::{Hasher128, SipHasher13};

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

/// 128 bits that depend on the seed and on `words` alone.
pub(crate) fn keyed(seed: u64, words: [u64; 4]) -> u128 {
    let mut hasher = SipHasher13::new_with_keys(seed, !seed);
    for word in words {
        hasher.write_u64(word.to_le());
    }
    hasher.finish128().as_u128()
}
