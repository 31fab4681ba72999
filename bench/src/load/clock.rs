//! Nanoseconds since a run began.

use std::time::{Duration, Instant};

/// One clock for all threads of a run.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// A clock that begins `lead` from now, so that threads are ready before the first request is due.
    pub fn starting_in(lead: Duration) -> Self {
        Self {
            start: Instant::now() + lead,
        }
    }

    /// Nanoseconds since the beginning; 0 before it.
    pub fn now_ns(self) -> u64 {
        let elapsed = Instant::now().saturating_duration_since(self.start);
        u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
    }

    /// When it began.
    pub fn start(self) -> Instant {
        self.start
    }
}
