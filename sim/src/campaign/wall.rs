//! The one place where the tools look at the real clock and the real machine. Nothing here reaches a run.
#![allow(
    clippy::disallowed_methods,
    reason = "speed figures and time boxes are about the machine, never about a simulated run"
)]

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

/// Measures real time since it was started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch(Instant);

impl Watch {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// How many threads this machine runs at once.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}
