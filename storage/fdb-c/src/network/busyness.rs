//! How busy the network thread is.

use std::sync::{Mutex, PoisonError};

/// Over so long it is measured.
const WINDOW_US: u64 = 1_000_000;

/// The share of the last window in which the network thread worked.
pub(super) struct Busyness(Mutex<Window>);

struct Window {
    began_us: u64,
    busy_us: u64,
    last: f64,
}

impl Busyness {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Window {
            began_us: 0,
            busy_us: 0,
            last: 0.0,
        }))
    }

    /// Notes that the thread worked from `from_us` to `to_us`.
    pub(super) fn worked(&self, from_us: u64, to_us: u64) {
        self.at(to_us).busy_us += to_us.saturating_sub(from_us);
    }

    /// From 0, idle, to 1, always at work; over the window that ended last before `now_us`.
    pub(super) fn share(&self, now_us: u64) -> f64 {
        self.at(now_us).last
    }

    fn at(&self, now_us: u64) -> std::sync::MutexGuard<'_, Window> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let elapsed_us = now_us.saturating_sub(window.began_us);
        if elapsed_us >= WINDOW_US {
            window.last = (window.busy_us as f64 / elapsed_us as f64).min(1.0);
            (window.began_us, window.busy_us) = (now_us, 0);
        }
        window
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_that_of_the_last_window() {
        let busyness = Busyness::new();
        busyness.worked(10 * WINDOW_US, 10 * WINDOW_US);
        busyness.worked(10 * WINDOW_US, 10 * WINDOW_US + 250_000);
        assert_eq!(busyness.share(10 * WINDOW_US + 500_000), 0.0);
        assert_eq!(busyness.share(11 * WINDOW_US), 0.25);
        assert_eq!(busyness.share(12 * WINDOW_US), 0.0);
    }
}
