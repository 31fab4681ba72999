//! What lies between a core and the database: whose fates they are, and how far they were asked.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Fates, HandleId, Lie};

/// The way from one handle to the database.
pub(crate) struct Link {
    pub(crate) handle: HandleId,
    pub(crate) fates: Rc<dyn Fates>,
    pub(crate) counts: Arc<Counts>,
}

/// How many operations were started under one handle's number. The database keeps them, so that a handle
/// that is made anew (a core that was killed and restarted) goes on counting.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) commits: Count,
    pub(crate) reads: Count,
    pub(crate) read_versions: Count,
    pub(crate) watches: Count,
}

/// Numbers operations from 0.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    /// The number of the next operation. Nothing else is ordered by it.
    pub(crate) fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

impl Link {
    /// `planted`, if it is one of `told_here` and this operation tells it.
    pub(crate) fn lie(
        &self,
        planted: Option<Lie>,
        told_here: &[Lie],
        nth: u64,
        now_us: u64,
    ) -> Option<Lie> {
        planted.filter(|lie| {
            told_here.contains(lie) && self.fates.tells(*lie, self.handle, nth, now_us)
        })
    }
}
