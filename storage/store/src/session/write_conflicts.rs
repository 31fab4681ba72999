//! What others would conflict with: the ranges that the commit sends, and those that FoundationDB's client tells of.
//!
//! The two differ once a versionstamped key is written. The client then sends on what its write map held where that key may come
//! to lie, and forgets it there, conflict ranges included (`writeRangeToNativeTransaction` and `addUnmodifiedAndUnreadableRange`
//! in `ReadYourWrites.actor.cpp`). What it tells is the write map's, and where it takes the stamp to lie by the read version that
//! is known when it is asked, which may be less than was forgotten.

use crate::selector::key_after;
use crate::{AtomicOp, ConflictSet, Mutation};

use super::overlay::stampable;
use super::range_set::RangeSet;
use super::state::State;

impl<S> State<S> {
    /// A write of `key`.
    pub(super) fn add_written_key(&mut self, key: &[u8]) {
        self.request.write_conflicts.add_key(key);
        if let Some(told) = self.told_writes() {
            told.insert(key, &key_after(key));
        }
    }

    /// A write from `begin` to before `end`.
    pub(super) fn add_written_range(&mut self, begin: &[u8], end: &[u8]) {
        self.request.write_conflicts.add(begin, end);
        if let Some(told) = self.told_writes() {
            told.insert(begin, end);
        }
    }

    /// No longer tells of what lies where the stamp could put `key`.
    pub(super) fn forget_told_writes(&mut self, key: &[u8]) {
        let version = self.version_or_none();
        if let Some(mirror) = &mut self.mirror
            && self.options.read_your_writes
            && let Some((first, end)) = stampable(key, version)
        {
            mirror.forget_written(&first, &end, &self.request.write_conflicts);
        }
    }

    /// What the client would tell, merged; a versionstamped key counts as all that it may become.
    pub(super) fn told_write_conflicts(&self) -> ConflictSet {
        let mut conflicts = ConflictSet::default();
        match self
            .mirror
            .as_ref()
            .and_then(|mirror| mirror.told_writes.as_ref())
        {
            Some(told) => told
                .iter()
                .for_each(|(begin, end)| conflicts.add(begin, end)),
            None => conflicts.clone_from(&self.request.write_conflicts),
        }
        for mutation in &self.request.mutations {
            if let Mutation::Atomic { op, key, .. } = mutation
                && *op == AtomicOp::SetVersionstampedKey
                && let Some((first, end)) = stampable(key, self.version_or_none())
            {
                conflicts.add(&first, &end);
            }
        }
        conflicts.coalesce();
        conflicts
    }

    fn told_writes(&mut self) -> Option<&mut RangeSet> {
        self.mirror.as_mut()?.told_writes.as_mut()
    }

    fn version_or_none(&self) -> crate::Version {
        self.read_at.map_or(0, |(_, version)| version)
    }
}
