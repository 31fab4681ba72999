//! Commits that were sent and are not resolved yet. They are the database's, not their client's.

use std::collections::BTreeMap;

use futures::channel::oneshot;
use store::{CommitRequest, Committed, StoreError};

use crate::{HandleId, Lie};

/// What a commit answers.
pub(crate) type CommitResult = Result<Committed, StoreError>;

/// One commit on its way.
#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) request: CommitRequest,
    pub(crate) handle: HandleId,
    /// Which commit of that handle.
    pub(crate) nth: u64,
    pub(crate) lie: Option<Lie>,
    pub(crate) client: Client,
}

/// Who sent a commit.
#[derive(Debug)]
pub(crate) enum Client {
    /// Waits for the answer, unless it left.
    Waits(oneshot::Sender<CommitResult>),
    /// Was told something else at this time.
    Told { at_us: u64 },
}

impl Client {
    /// Whether the client knows nothing of a commit that is resolved at `now_us`.
    pub(crate) fn is_gone(&self, now_us: u64) -> bool {
        match self {
            Self::Waits(sender) => sender.is_canceled(),
            Self::Told { at_us } => *at_us <= now_us,
        }
    }
}

/// All commits on their way, by the time at which they are due, then in the order in which they were sent.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    due: BTreeMap<(u64, u64), Box<Flight>>,
    sent: u64,
    /// Commits are due at multiples of this only; 0 and 1: at any time.
    pub(crate) interval_us: u64,
}

impl Flights {
    /// Sends `flight`, due at `due_us` or at the next interval's end, which it answers.
    pub(crate) fn send(&mut self, flight: Flight, due_us: u64) -> u64 {
        let due_us = due_us
            .checked_next_multiple_of(self.interval_us.max(1))
            .unwrap_or(u64::MAX);
        self.sent += 1;
        self.due.insert((due_us, self.sent), Box::new(flight));
        due_us
    }

    /// When the first is due.
    pub(crate) fn first_due_us(&self) -> Option<u64> {
        self.due.first_key_value().map(|((due_us, _), _)| *due_us)
    }

    /// The first, if it is due by `now_us`, with the time it was due.
    pub(crate) fn take_due(&mut self, now_us: u64) -> Option<(u64, Flight)> {
        let first = self.due.first_entry()?;
        let due_us = first.key().0;
        (due_us <= now_us).then(|| (due_us, *first.remove()))
    }

    /// All, in order.
    pub(crate) fn take_all(&mut self) -> impl Iterator<Item = Flight> + use<> {
        let flights = std::mem::take(&mut self.due).into_values();
        flights.map(|flight| *flight)
    }

    pub(crate) fn len(&self) -> usize {
        self.due.len()
    }
}
