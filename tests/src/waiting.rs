//! Waiting for what will be so soon.

use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take: far longer than it does, so that only what hangs fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is looked at.
const POLL: Duration = Duration::from_millis(5);

/// Waits until something holds.
///
/// # Panics
///
/// If it does not come to hold.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < PATIENCE, "still not so: {what}");
        thread::sleep(POLL);
    }
}
