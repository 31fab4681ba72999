//! The log of a transaction without what it overwrote itself.

use std::mem;

use crate::selector::key_after;
use crate::{AtomicOp, KeyRange, Mutation};

use super::overlay::stampable;
use super::range_set::RangeSet;

/// Drops the mutations that later ones make void, and puts the clears first and together. What is left does the same, and is about
/// what FoundationDB's client sends.
pub(super) fn compact(mutations: &mut Vec<Mutation>) {
    let mut overwritten = RangeSet::default();
    let mut kept = Vec::new();
    for mutation in mem::take(mutations).into_iter().rev() {
        match &mutation {
            // Its key is not known before the commit.
            Mutation::Atomic { op, .. } if op.is_versionstamped() => {}
            Mutation::Atomic { key, .. } => {
                if overwritten.contains(key) {
                    continue;
                }
            }
            Mutation::Set { key, .. } | Mutation::Clear { key } => {
                if overwritten.contains(key) {
                    continue;
                }
                overwritten.insert(key, &key_after(key));
            }
            Mutation::ClearRange(range) => {
                if overwritten.covers(&range.begin, &range.end) {
                    continue;
                }
                overwritten.insert(&range.begin, &range.end);
            }
        }
        kept.push(mutation);
    }
    kept.reverse();
    *mutations = join_clears(kept);
}

/// The same log with its clears in front, those that touch as one. What is left before a clear lies outside of it, so that they
/// change places; only of what is versionstamped nobody knows.
fn join_clears(log: Vec<Mutation>) -> Vec<Mutation> {
    let is_stamped = |mutation: &Mutation| matches!(mutation, Mutation::Atomic { op, .. } if op.is_versionstamped());
    let mut cleared = RangeSet::default();
    for mutation in &log {
        match mutation {
            Mutation::Clear { key } => cleared.insert(key, &key_after(key)),
            Mutation::ClearRange(range) => cleared.insert(&range.begin, &range.end),
            Mutation::Set { .. } | Mutation::Atomic { .. } => {}
        }
    }
    if log
        .iter()
        .any(|mutation| is_stamped(mutation) && may_meet(mutation, &cleared))
    {
        return log;
    }
    let clears = cleared
        .iter()
        .map(|(begin, end)| Mutation::ClearRange(KeyRange::new(begin, end)));
    let is_clear =
        |mutation: &Mutation| matches!(mutation, Mutation::Clear { .. } | Mutation::ClearRange(_));
    let others = log.into_iter().filter(|mutation| !is_clear(mutation));
    clears.chain(others).collect()
}

/// Whether what is versionstamped may lie in `cleared`.
fn may_meet(mutation: &Mutation, cleared: &RangeSet) -> bool {
    match mutation {
        Mutation::Atomic {
            op: AtomicOp::SetVersionstampedKey,
            key,
            ..
        } => stampable(key, 0).is_some_and(|(first, end)| cleared.meets(&first, &end)),
        Mutation::Atomic { key, .. } => cleared.contains(key),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AtomicOp, KeyRange};

    fn set(key: &str, value: &str) -> Mutation {
        Mutation::Set {
            key: key.into(),
            value: value.into(),
        }
    }

    fn atomic(op: AtomicOp, key: &str) -> Mutation {
        Mutation::Atomic {
            op,
            key: key.into(),
            operand: vec![1],
        }
    }

    #[track_caller]
    fn check(log: &[Mutation], kept: &[usize]) {
        let mut compacted = log.to_vec();
        compact(&mut compacted);
        let expected: Vec<Mutation> = kept.iter().map(|place| log[*place].clone()).collect();
        assert_eq!(compacted, expected);
    }

    #[test]
    fn the_last_write_of_a_key_counts() {
        let clear = Mutation::ClearRange(KeyRange::new("a", "a\0"));
        check(&[set("a", "1"), set("b", "1"), set("a", "2")], &[1, 2]);
        check(&[set("a", "1"), atomic(AtomicOp::Add, "a")], &[0, 1]);
        check(&[atomic(AtomicOp::Add, "a"), set("a", "1"), clear], &[2]);
    }

    #[test]
    fn a_range_clear_voids_what_it_covers() {
        let clear = |begin: &str, end: &str| Mutation::ClearRange(KeyRange::new(begin, end));
        check(&[set("a", "1"), set("c", "1"), clear("a", "c")], &[2, 1]);
        check(&[clear("b", "c"), set("b", "1"), clear("a", "z")], &[2]);
        check(&[clear("a", "z"), clear("b", "c"), set("b", "1")], &[0, 2]);
    }

    #[test]
    fn clears_that_touch_are_one() {
        let clear = |begin: &str, end: &str| Mutation::ClearRange(KeyRange::new(begin, end));
        let mut log = vec![clear("b", "c"), set("x", "1"), clear("a", "b")];
        compact(&mut log);
        assert_eq!(log, [clear("a", "c"), set("x", "1")]);
    }

    #[test]
    fn a_versionstamped_write_stays_before_what_may_clear_it() {
        let stamped = atomic(AtomicOp::SetVersionstampedKey, "a0123456789\u{1}\0\0\0");
        let clear = |begin: &str, end: &str| Mutation::ClearRange(KeyRange::new(begin, end));
        check(&[stamped.clone(), clear("", "z")], &[0, 1]);
        check(&[stamped, clear("b", "z")], &[1, 0]);
    }
}
