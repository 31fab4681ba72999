//! What this store adds to the library's merges.

use lsm_tree::SequenceNumberCounter;
use lsm_tree::compaction::filter::{CompactionFilter, Context, Factory, ItemAccessor, Verdict};

use crate::turns::Turns;

/// Makes what the library asks about each row that it merges. All are kept; to be asked is what counts.
#[derive(Debug)]
pub(crate) struct Merges {
    /// The numbers of groups.
    pub(crate) groups: SequenceNumberCounter,
    /// The numbers from which on readers see a state of the tables.
    pub(crate) states: SequenceNumberCounter,
}

/// One merge.
struct Merge {
    turns: Turns,
    /// What it merges was all written before this group.
    before: u64,
    states: SequenceNumberCounter,
}

impl Factory for Merges {
    fn name(&self) -> &'static str {
        "merges"
    }

    /// Called after the tables were chosen.
    fn make_filter(&self, _: &Context) -> Box<dyn CompactionFilter> {
        Box::new(Merge {
            turns: Turns::default(),
            before: self.groups.get(),
            states: self.states.clone(),
        })
    }
}

impl CompactionFilter for Merge {
    fn filter_item(&mut self, _: ItemAccessor<'_>, _: &Context) -> lsm_tree::Result<Verdict> {
        self.turns.row();
        Ok(Verdict::Keep)
    }

    /// Called before the new tables take the place of the others. Of what those had under one key only the newest is left, so who
    /// reads as of before that was written goes on with the others.
    fn finish(self: Box<Self>) {
        self.states.fetch_max(self.before);
    }
}
