//! Which rows are newer in memory than in the store, and since when.

use std::collections::VecDeque;

use hunt::{HuntId, Seq};

use crate::players::{EntryPlace, PlayerKey};

/// A row of a shard.
#[derive(Clone, Debug)]
pub(crate) enum RowKey {
    /// A hunt's.
    Hunt(HuntId),
    /// A player's, and where it was in memory when it became dirty.
    Player(PlayerKey, EntryPlace),
}

/// Dirty rows in the order of the first event that each lacks in the store. So the front tells the checkpoint.
#[derive(Default)]
pub(crate) struct DirtyRows {
    queue: VecDeque<(Seq, RowKey)>,
}

impl DirtyRows {
    /// `row` lacks the event `seq` and all later ones. Called in order of sequence, once until it is taken.
    pub(crate) fn push(&mut self, seq: Seq, row: RowKey) {
        debug_assert!(
            self.queue.back().is_none_or(|(last, _)| *last <= seq),
            "events come in order"
        );
        self.queue.push_back((seq, row));
    }

    /// The row that has been dirty longest.
    pub(crate) fn pop(&mut self) -> Option<RowKey> {
        self.queue.pop_front().map(|(_, row)| row)
    }

    /// The row that has been dirty longest, left where it is.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &RowKey> {
        self.queue.iter().map(|(_, row)| row)
    }

    /// The lowest sequence that some dirty row lacks.
    pub(crate) fn first_seq(&self) -> Option<Seq> {
        self.queue.front().map(|(seq, _)| *seq)
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }
}
