//! A transaction's own writes, indexed by key: what FoundationDB's client calls the write map.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::commit_request::stamp_offset;
use crate::selector::{key_after, key_before};
use crate::{AtomicOp, ConflictSet, Mutation, Version, Versionstamp};

use super::range_set::RangeSet;

/// Own writes by key. Built from the log of mutations, and only when something is read.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    /// So many mutations of the log are indexed.
    indexed: usize,
    entries: BTreeMap<Vec<u8>, Entry>,
    /// What `clear_range` cleared; entries within came later.
    cleared: RangeSet,
    /// Where a versionstamped key may come to lie.
    unreadable: RangeSet,
}

/// What the transaction did to one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// Written blindly: its value (or absence) is known without reading.
    Known(Option<Vec<u8>>),
    /// Atomic operations on top of a value that the transaction did not write.
    Stacked(Vec<(AtomicOp, Vec<u8>)>),
    /// The value holds the versionstamp, which only the commit will tell; until then this stands for it.
    Unreadable(Option<Vec<u8>>),
}

/// What a read of one key finds among the own writes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Own<'a> {
    /// Nothing: ask the snapshot.
    Nothing,
    /// The value, without asking.
    Known(Option<&'a [u8]>),
    /// These operations, on top of what the snapshot says.
    Stacked(&'a [(AtomicOp, Vec<u8>)]),
    /// 1036.
    Unreadable,
}

impl Overlay {
    /// Notes that the log was rewritten to `len` mutations that do the same.
    pub(super) fn is_compacted(&mut self, len: usize) {
        self.indexed = len;
    }

    /// Indexes what was added to `log` since the last call. `read_at` is the read version, if it is known,
    /// with how many mutations there were before it was: a stamp is above it.
    pub(super) fn index(&mut self, log: &[Mutation], read_at: Option<(usize, Version)>) {
        for (place, mutation) in log.iter().enumerate().skip(self.indexed) {
            let known = read_at.filter(|(writes_before, _)| *writes_before <= place);
            self.add(mutation, known.map_or(0, |(_, version)| version));
        }
        self.indexed = log.len();
    }

    /// What the transaction did to `key`.
    pub(super) fn lookup(&self, key: &[u8]) -> Own<'_> {
        if self.unreadable.contains(key) {
            return Own::Unreadable;
        }
        match self.entries.get(key) {
            Some(entry) => entry.own(),
            None if self.cleared.contains(key) => Own::Known(None),
            None => Own::Nothing,
        }
    }

    /// What the transaction did to `key`, with what stands for a value that only the commit will tell.
    pub(super) fn lookup_unprotected(&self, key: &[u8]) -> Own<'_> {
        match self.entries.get(key) {
            Some(Entry::Unreadable(shown)) => Own::Known(shown.as_deref()),
            Some(entry) => entry.own(),
            None if self.cleared.contains(key) => Own::Known(None),
            None => Own::Nothing,
        }
    }

    /// The single writes from `begin` to before `end`, in order.
    pub(super) fn entries(
        &self,
        begin: &[u8],
        end: &[u8],
    ) -> impl DoubleEndedIterator<Item = (&[u8], Own<'_>)> {
        let within = (Bound::Included(begin), Bound::Excluded(end));
        self.entries
            .range::<[u8], _>(within)
            .map(|(key, entry)| (key.as_slice(), entry.own()))
    }

    /// Whether anything between `begin` and `end` was written.
    pub(super) fn meets(&self, begin: &[u8], end: &[u8]) -> bool {
        let is_cleared = self.cleared.meets(begin, end);
        is_cleared || self.may_be_stamped(begin, end) || self.entries(begin, end).next().is_some()
    }

    /// Whether a versionstamped key may come to lie between `begin` and `end`.
    pub(super) fn may_be_stamped(&self, begin: &[u8], end: &[u8]) -> bool {
        self.unreadable.meets(begin, end)
    }

    /// The first stretch of `begin..end` that is cleared as a whole or not cleared at all: where it ends,
    /// and whether it is cleared.
    pub(super) fn first_stretch<'a>(&'a self, begin: &[u8], end: &'a [u8]) -> (&'a [u8], bool) {
        match self.cleared.first_ending_after(begin) {
            Some((cleared_begin, cleared_end)) if cleared_begin <= begin => {
                (cleared_end.min(end), true)
            }
            Some((cleared_begin, _)) => (cleared_begin.min(end), false),
            None => (end, false),
        }
    }

    /// The last such stretch: where it begins, and whether it is cleared.
    pub(super) fn last_stretch<'a>(&'a self, begin: &'a [u8], end: &[u8]) -> (&'a [u8], bool) {
        match self.cleared.last_below(end) {
            Some((cleared_begin, cleared_end)) if end <= cleared_end => {
                (cleared_begin.max(begin), true)
            }
            Some((_, cleared_end)) => (cleared_end.max(begin), false),
            None => (begin, false),
        }
    }

    /// What the transaction did to `begin`, and up to where, at most `end`, it did just that.
    pub(super) fn stretch_from(&self, begin: &[u8], end: &[u8]) -> (Own<'_>, Vec<u8>) {
        let to = match self.entries(begin, end).next() {
            Some((key, _)) if key == begin => return (self.lookup(begin), key_after(begin)),
            Some((key, _)) => key,
            None => end,
        };
        let to = match self.unreadable.first_ending_after(begin) {
            Some((from, until)) if from <= begin => {
                return (Own::Unreadable, to.min(until).to_vec());
            }
            Some((from, _)) => to.min(from),
            None => to,
        };
        let (to, is_cleared) = self.first_stretch(begin, to);
        (untouched_unless(is_cleared), to.to_vec())
    }

    /// What it did to the keys right before `end`, and from where on it did just that.
    pub(super) fn stretch_before(&self, end: &[u8]) -> (Own<'_>, Vec<u8>) {
        let from = match self.entries(b"", end).next_back() {
            Some((key, _)) if key_before(end) == Some(key) => {
                return (self.lookup(key), key.to_vec());
            }
            Some((key, _)) => key_after(key),
            None => Vec::new(),
        };
        let from = match self.unreadable.last_below(end) {
            Some((begin, until)) if end <= until => {
                return (Own::Unreadable, from.max(begin.to_vec()));
            }
            Some((_, until)) => from.max(until.to_vec()),
            None => from,
        };
        let (from, is_cleared) = self.last_stretch(&from, end);
        (untouched_unless(is_cleared), from.to_vec())
    }

    /// Adds to `conflicts` what a read from `begin` to before `end` learns from the snapshot: all but
    /// what was cleared or written blindly.
    pub(super) fn add_conflicts(&self, conflicts: &mut ConflictSet, begin: &[u8], end: &[u8]) {
        let mut from = begin.to_vec();
        while from.as_slice() < end {
            let (to, cleared) = self.first_stretch(&from, end);
            let to = to.to_vec();
            if !cleared {
                self.add_stretch_conflicts(conflicts, &from, &to);
            }
            from = to;
        }
    }

    /// A cleared stretch hides the snapshot; on others, so does each key that was written blindly.
    fn add_stretch_conflicts(&self, conflicts: &mut ConflictSet, begin: &[u8], end: &[u8]) {
        let mut from = begin.to_vec();
        for (key, own) in self.entries(begin, end) {
            if !matches!(own, Own::Stacked(_)) {
                conflicts.add(&from, key);
                from = key_after(key);
            }
        }
        conflicts.add(&from, end);
    }

    fn add(&mut self, mutation: &Mutation, stamps_from: Version) {
        match mutation {
            Mutation::Set { key, value } => self.write(key, Entry::Known(Some(value.clone()))),
            Mutation::Clear { key } => {
                self.unreadable.remove(key, &key_after(key));
                self.entries.insert(key.clone(), Entry::Known(None));
            }
            Mutation::ClearRange(range) => {
                let within = (
                    Bound::Included(range.begin.clone()),
                    Bound::Excluded(range.end.clone()),
                );
                self.entries.extract_if(within, |_, _| true).for_each(drop);
                self.unreadable.remove(&range.begin, &range.end);
                self.cleared.insert(&range.begin, &range.end);
            }
            Mutation::Atomic {
                op: AtomicOp::SetVersionstampedKey,
                key,
                operand,
            } => self.hide_stamped_keys(key, operand, stamps_from),
            Mutation::Atomic {
                op: AtomicOp::SetVersionstampedValue,
                key,
                operand,
            } => {
                let entry = Entry::Unreadable(Some(operand.clone()));
                self.entries.insert(key.clone(), entry);
            }
            Mutation::Atomic { op, key, operand } => self.stack(*op, key, operand),
        }
    }

    /// A value that is not known before the commit stays so, whatever is set on top of it.
    fn write(&mut self, key: &[u8], entry: Entry) {
        match (self.entries.get_mut(key), entry) {
            (Some(Entry::Unreadable(shown)), Entry::Known(value)) => *shown = value,
            (Some(existing), entry) => *existing = entry,
            (None, entry) => {
                self.entries.insert(key.to_vec(), entry);
            }
        }
    }

    fn stack(&mut self, op: AtomicOp, key: &[u8], operand: &[u8]) {
        if let Some(entry) = self.entries.get_mut(key) {
            match entry {
                Entry::Known(value) | Entry::Unreadable(value) => {
                    *value = op.apply(value.as_deref(), operand);
                }
                Entry::Stacked(operations) => operations.push((op, operand.to_vec())),
            }
            return;
        }
        let entry = if self.cleared.contains(key) {
            Entry::Known(op.apply(None, operand))
        } else {
            Entry::Stacked(vec![(op, operand.to_vec())])
        };
        self.entries.insert(key.to_vec(), entry);
    }

    /// Every key that the stamp could make of `key` becomes unreadable, and what was written there before
    /// is as if it was never looked at. FoundationDB's client keeps the write itself at the first of them, its offset included
    /// (`ReadYourWritesTransaction::atomicOp`): a blind write, so what is read around it does not rest on that key.
    fn hide_stamped_keys(&mut self, key: &[u8], value: &[u8], stamps_from: Version) {
        let Some((first, end)) = stampable(key, stamps_from) else {
            return;
        };
        let within = (Bound::Included(first.clone()), Bound::Excluded(end.clone()));
        self.entries.extract_if(within, |_, _| true).for_each(drop);
        self.cleared.remove(&first, &end);
        self.unreadable.insert(&first, &end);
        let offset = &key[first.len()..];
        let written = Entry::Unreadable(Some(value.to_vec()));
        self.entries.insert([&first, offset].concat(), written);
    }
}

/// The keys that a stamp of a commit after `version` could make of the operand `key`: from the first to
/// before the second. None if it has no room for a stamp.
pub(super) fn stampable(key: &[u8], version: Version) -> Option<(Vec<u8>, Vec<u8>)> {
    let place = stamp_offset(key)?;
    let place = place..place + Versionstamp::LEN;
    let mut first = key[..key.len() - 4].to_vec();
    let mut end = first.clone();
    first[place.clone()].copy_from_slice(&Versionstamp::new(version, 0).0);
    end[place].fill(0xff);
    end.push(0);
    Some((first, end))
}

fn untouched_unless(is_cleared: bool) -> Own<'static> {
    match is_cleared {
        true => Own::Known(None),
        false => Own::Nothing,
    }
}

impl Entry {
    fn own(&self) -> Own<'_> {
        match self {
            Self::Known(value) => Own::Known(value.as_deref()),
            Self::Stacked(operations) => Own::Stacked(operations),
            Self::Unreadable(_) => Own::Unreadable,
        }
    }
}

/// The value after `operations` on `base`.
pub(super) fn fold(base: Option<Vec<u8>>, operations: &[(AtomicOp, Vec<u8>)]) -> Option<Vec<u8>> {
    operations.iter().fold(base, |value, (op, operand)| {
        op.apply(value.as_deref(), operand)
    })
}

/// `updateConflictMap` in FoundationDB's `ReadYourWrites.actor.cpp`: a read rests on what is unmodified, and on writes that
/// depend on what was there.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeyRange;

    fn set(key: &str) -> Mutation {
        Mutation::Set {
            key: key.into(),
            value: Vec::new(),
        }
    }

    fn clear(begin: &str, end: &str) -> Mutation {
        Mutation::ClearRange(KeyRange::new(begin, end))
    }

    fn atomic(op: AtomicOp, key: impl Into<Vec<u8>>, operand: &[u8]) -> Mutation {
        Mutation::Atomic {
            op,
            key: key.into(),
            operand: operand.to_vec(),
        }
    }

    /// What a read from `a` to `z` conflicts on after `writes`.
    #[track_caller]
    fn check(writes: &[Mutation], expected: &str) {
        let mut overlay = Overlay::default();
        overlay.index(writes, None);
        let mut conflicts = ConflictSet::default();
        overlay.add_conflicts(&mut conflicts, b"a", b"z");
        conflicts.coalesce();
        let shown = |range: crate::ConflictRange<'_>| {
            format!(
                "{}..{}",
                range.begin.escape_ascii(),
                range.end.escape_ascii()
            )
        };
        let found: Vec<String> = conflicts.iter().map(shown).collect();
        assert_eq!(found.join(" "), expected);
    }

    #[test]
    fn blind_writes_hide_what_was_there() {
        check(&[], "a..z");
        check(&[set("c")], "a..c c\\x00..z");
        check(&[clear("c", "e")], "a..c e..z");
        check(&[Mutation::Clear { key: b"c".to_vec() }], "a..c c\\x00..z");
        check(&[clear("c", "e"), set("d"), set("e")], "a..c e\\x00..z");
        let stamped = [0; 14];
        let stamp = atomic(AtomicOp::SetVersionstampedValue, "c", &stamped);
        check(&[stamp], "a..c c\\x00..z");
    }

    #[test]
    fn stretches_end_where_what_was_done_changes() {
        let key = [b"k", [0x11; 10].as_slice(), &[1, 0, 0, 0]].concat();
        let stamp = atomic(AtomicOp::SetVersionstampedKey, key, b"v");
        let add = atomic(AtomicOp::Add, "zb", &[1]);
        let mut overlay = Overlay::default();
        overlay.index(&[clear("c", "z"), stamp, set("d"), add], None);
        let kind = |own| match own {
            Own::Nothing => '.',
            Own::Known(None) => 'x',
            Own::Known(Some(_)) => '=',
            Own::Stacked(_) => '+',
            Own::Unreadable => '?',
        };
        let (mut forwards, mut backwards) = (Vec::new(), Vec::new());
        let mut at = Vec::new();
        while at != b"zz" {
            let (own, to) = overlay.stretch_from(&at, b"zz");
            forwards.push((std::mem::replace(&mut at, to), kind(own)));
        }
        while !at.is_empty() {
            let (own, from) = overlay.stretch_before(&at);
            at.clone_from(&from);
            backwards.insert(0, (from, kind(own)));
        }
        let kinds: String = forwards.iter().map(|(_, kind)| kind).collect();
        assert_eq!(kinds, ".x=x???x.+.");
        assert_eq!(backwards, forwards);
    }

    #[test]
    fn an_operation_rests_on_what_it_applies_to() {
        let add = |key: &str| atomic(AtomicOp::Add, key, &[1]);
        check(&[add("c")], "a..z");
        check(&[set("c"), add("c")], "a..c c\\x00..z");
        check(&[clear("c", "e"), add("d")], "a..c e..z");
        check(&[add("d"), clear("c", "e")], "a..c e..z");
        check(&[add("c"), set("c")], "a..c c\\x00..z");
    }

    /// `atomicOp`: the keys that the stamp could make count as unmodified, but for the one that the write is kept at.
    #[test]
    fn a_stamped_key_is_kept_at_the_first_that_it_could_be() {
        let key = [b"k", [0x11; 10].as_slice(), b"s", &[1, 0, 0, 0]].concat();
        let (zeros, ones) = ("\\x00".repeat(10), "\\xff".repeat(10));
        let kept = format!("k{zeros}s\\x01\\x00\\x00\\x00");
        let stamp = atomic(AtomicOp::SetVersionstampedKey, key, b"v");
        check(
            std::slice::from_ref(&stamp),
            &format!("a..{kept} {kept}\\x00..z"),
        );
        check(
            &[clear("b", "y"), stamp.clone()],
            &format!("a..b k{zeros}s..{kept} {kept}\\x00..k{ones}s\\x00 y..z"),
        );
        check(&[stamp, clear("b", "y")], "a..b y..z");
    }
}
