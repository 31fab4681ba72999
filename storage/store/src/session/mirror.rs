//! What FoundationDB's client has in its caches, as far as what a transaction conflicts on, or tells of that, hangs on them. Only for
//! whoever speaks its C API: it costs a little on each read and write, and changes what is conflicted on in corners only.

use crate::ConflictSet;
use crate::selector::key_after;

use super::range_set::RangeSet;
use super::state::State;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Mirror {
    /// Where the snapshot was read: the client's `SnapshotCache`, without what it holds there.
    pub(super) read: RangeSet,
    /// The write conflict ranges that are told of, once they differ from those of the request.
    pub(super) told_writes: Option<RangeSet>,
}

impl Mirror {
    /// No longer tells of writes from `begin` to before `end`; `sent`: all that there were.
    pub(super) fn forget_written(&mut self, begin: &[u8], end: &[u8], sent: &ConflictSet) {
        let told = self.told_writes.get_or_insert_with(|| all_of(sent));
        told.remove(begin, end);
    }
}

impl<S> State<S> {
    /// Notes that the snapshot was read from `begin` to before `end`.
    pub(super) fn learn(&mut self, begin: &[u8], end: &[u8]) {
        if let Some(mirror) = &mut self.mirror {
            mirror.read.insert(begin, end);
        }
    }

    /// As [`State::learn`], for one key.
    pub(super) fn learn_key(&mut self, key: &[u8]) {
        if let Some(mirror) = &mut self.mirror {
            mirror.read.insert(key, &key_after(key));
        }
    }
}

fn all_of(conflicts: &ConflictSet) -> RangeSet {
    let mut all = RangeSet::default();
    for range in conflicts.iter() {
        all.insert(range.begin, range.end);
    }
    all
}
