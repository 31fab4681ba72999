//! The machine's clocks and its randomness.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hunt::Millis;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// All cores count from here: versions of an in-memory store follow the clock, and cores share the store.
static ORIGIN: OnceLock<Instant> = OnceLock::new();

/// Time since the process first asked.
pub(crate) fn monotonic() -> Duration {
    ORIGIN.get_or_init(Instant::now).elapsed()
}

/// The wall clock.
pub(crate) fn wall() -> Millis {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}

/// A generator of its own, seeded by the system.
pub(crate) fn random() -> std::io::Result<Xoshiro256PlusPlus> {
    let mut seed = [0; 32];
    fill_random(&mut seed)?;
    Ok(Xoshiro256PlusPlus::from_seed(seed))
}

/// Fills `bytes` with the system's randomness, good enough for keys.
pub(crate) fn fill_random(bytes: &mut [u8]) -> std::io::Result<()> {
    // SAFETY: the pointer and the length are of one live slice.
    let filled = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    match usize::try_from(filled) {
        Ok(filled) if filled == bytes.len() => Ok(()),
        Ok(_) => Err(std::io::Error::other(
            "the system gave too few random bytes",
        )),
        Err(_) => Err(std::io::Error::last_os_error()),
    }
}
