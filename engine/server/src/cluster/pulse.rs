//! Tells a link when to ask for a sign of life, and when to give up.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::limits::{PING_INTERVAL, PINGS_MISSED_MAX};
use crate::runtime::timers::{self, WheelSleep};

/// The pulse of one link.
pub(super) struct Pulse {
    timer: WheelSleep,
    missed: u32,
}

/// What a beat finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// Time to ask.
    Ask,
    /// Nothing was heard for too long.
    Dead,
}

impl Pulse {
    /// Starts with a sign of life.
    pub(super) fn new() -> Self {
        Self {
            timer: timers::sleep(PING_INTERVAL),
            missed: 0,
        }
    }

    /// The other side was heard.
    pub(super) fn heard(&mut self) {
        self.missed = 0;
    }

    /// Ready once an interval.
    pub(super) fn poll_beat(&mut self, context: &mut Context<'_>) -> Poll<Beat> {
        if Pin::new(&mut self.timer).poll(context).is_pending() {
            return Poll::Pending;
        }
        self.timer = timers::sleep(PING_INTERVAL);
        self.missed += 1;
        Poll::Ready(match self.missed > PINGS_MISSED_MAX {
            true => Beat::Dead,
            false => Beat::Ask,
        })
    }
}
