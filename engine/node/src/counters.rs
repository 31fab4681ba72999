//! What a core counts for its metrics.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use hunt::Label;

use crate::Histogram;

/// Counters of one core; plain cells, since one core alone writes them.
#[derive(Default)]
pub(crate) struct Counters {
    /// Commands decided.
    pub(crate) commands: Cell<u64>,
    /// Commits that had to be tried again.
    pub(crate) commit_retries: Cell<u64>,
    /// Commits refused since another owner has the shard.
    pub(crate) commits_fenced: Cell<u64>,
    /// Player rows read.
    pub(crate) rows_loaded: Cell<u64>,
    /// Rows written.
    pub(crate) rows_written: Cell<u64>,
    /// Player rows evicted.
    pub(crate) rows_evicted: Cell<u64>,
    /// Commands by outcome.
    pub(crate) outcomes: RefCell<BTreeMap<Label, u64>>,
    /// Requests turned away by limit.
    pub(crate) refused: RefCell<BTreeMap<Label, u64>>,
    /// Events per batch.
    pub(crate) batch_events: RefCell<Histogram>,
    /// Microseconds per commit.
    pub(crate) commit_us: RefCell<Histogram>,
}

/// Adds to a counter.
pub(crate) fn add(counter: &Cell<u64>, by: u64) {
    counter.set(counter.get() + by);
}

/// Adds one to the counter of that name.
fn count(counters: &RefCell<BTreeMap<Label, u64>>, name: &'static str) {
    *counters.borrow_mut().entry(Label::from(name)).or_default() += 1;
}

impl Counters {
    /// A command was decided.
    pub(crate) fn outcome(&self, name: &'static str) {
        add(&self.commands, 1);
        count(&self.outcomes, name);
    }

    /// A request was turned away.
    pub(crate) fn refuse(&self, limit: &'static str) {
        count(&self.refused, limit);
    }
}
