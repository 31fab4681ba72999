//! What a client did so far.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts since the client was started, for metrics and to see that commands go where they should.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Commands sent, each time they were.
    pub commands_sent: u64,
    /// Of those, the ones that went straight to the core that owned their hunt, as far as was known.
    pub commands_sent_to_owner: u64,
    /// Commands that the engine answered.
    pub commands_answered: u64,
    /// Commands that were put back to be sent again.
    pub commands_retried: u64,
    /// Commands whose time was up.
    pub commands_timed_out: u64,
    /// Frames of commands sent.
    pub frames_sent: u64,
    /// Connections that were welcome.
    pub connections_opened: u64,
    /// Connections that could not be made, were refused, or broke.
    pub connections_failed: u64,
}

/// The counters as they are kept.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) commands_sent: AtomicU64,
    pub(crate) commands_sent_to_owner: AtomicU64,
    pub(crate) commands_answered: AtomicU64,
    pub(crate) commands_retried: AtomicU64,
    pub(crate) commands_timed_out: AtomicU64,
    pub(crate) frames_sent: AtomicU64,
    pub(crate) connections_opened: AtomicU64,
    pub(crate) connections_failed: AtomicU64,
}

/// Adds to a counter.
pub(crate) fn add(counter: &AtomicU64, count: usize) {
    counter.fetch_add(count as u64, Relaxed);
}

impl Counts {
    pub(crate) fn read(&self) -> Counters {
        let get = |counter: &AtomicU64| counter.load(Relaxed);
        Counters {
            commands_sent: get(&self.commands_sent),
            commands_sent_to_owner: get(&self.commands_sent_to_owner),
            commands_answered: get(&self.commands_answered),
            commands_retried: get(&self.commands_retried),
            commands_timed_out: get(&self.commands_timed_out),
            frames_sent: get(&self.frames_sent),
            connections_opened: get(&self.connections_opened),
            connections_failed: get(&self.connections_failed),
        }
    }
}
