//! What lies between a core and the database: whose fates they are, and how far they were asked.

use std::cell::Cell;
use std::rc::Rc;

use crate::{Fates, HandleId, Lie};

/// The way from one handle to the database.
pub(crate) struct Link {
    pub(crate) handle: HandleId,
    pub(crate) fates: Rc<dyn Fates>,
    pub(crate) commits: Count,
    pub(crate) reads: Count,
    pub(crate) read_versions: Count,
    pub(crate) watches: Count,
}

/// Numbers operations from 0.
#[derive(Default)]
pub(crate) struct Count(Cell<u64>);

impl Count {
    pub(crate) fn next(&self) -> u64 {
        let nth = self.0.get();
        self.0.set(nth + 1);
        nth
    }
}

impl Link {
    pub(crate) fn new(handle: HandleId, fates: Rc<dyn Fates>) -> Self {
        Self {
            handle,
            fates,
            commits: Count::default(),
            reads: Count::default(),
            read_versions: Count::default(),
            watches: Count::default(),
        }
    }

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
