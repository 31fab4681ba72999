//! Transactions on ranges that overlap in every way, and what must be true of those that were told to be committed: none of
//! them rests on a range that another one wrote between its read version and its commit. What conflicts needlessly is the
//! store's affair (FoundationDB's own test "ConflictRange" compares with a model in the same way).

use std::cell::RefCell;
use std::ops::Range;

use store::{Committed, KeyRange, StoreError, Transaction, TransactionOption, Version};

use crate::draw::Chance;

/// Keys of the contest.
const KEYS: u64 = 300;
/// Ranges of an ordinary transaction, of each kind, at most.
const RANGES_MAX: u64 = 4;
/// Ranges of one that makes the store merge them: FoundationDB's limit on what a commit keeps apart, and some.
const RANGES_MANY: u64 = 140;
/// How long a transaction may wait between its read version and its commit: past the time for which a store remembers.
const WAIT_US_MAX: u64 = 5_200_000;
/// From here on the store is about to forget what was written since.
const WAIT_US_LONG: u64 = 4_600_000;
/// What most wait at most.
const WAIT_US_SHORT: u64 = 300_000;
/// How long one may take.
const TIMEOUT_MS: u64 = 10_000;

/// All transactions that were told to be committed.
#[derive(Default)]
pub(crate) struct Contest(RefCell<Vec<Entry>>);

/// One of them.
struct Entry {
    read_version: Version,
    committed: Committed,
    reads: Vec<Range<u64>>,
    writes: Vec<Range<u64>>,
}

/// What a transaction is going to do.
pub(super) struct Attempt {
    reads: Vec<Range<u64>>,
    writes: Vec<(Range<u64>, Kind)>,
    /// From the read version to the commit.
    pub(super) wait_us: u64,
}

/// How a range is written.
#[derive(Clone, Copy)]
enum Kind {
    /// Its first key alone.
    Set,
    /// Its first key alone; nobody is to conflict with it.
    SetUnseen,
    /// Its first key alone.
    Clear,
    ClearRange,
    /// Nothing is written; others conflict with it all the same.
    Declared,
}

impl Attempt {
    pub(super) fn draw(chance: &mut Chance) -> Self {
        let mut count = || match chance.percent(10) {
            true => RANGES_MANY,
            false => chance.between(1, RANGES_MAX),
        };
        let (reads, writes) = (count(), count());
        let wait_us = match chance.below(10) {
            0 => chance.below(WAIT_US_MAX),
            1 | 2 => chance.between(WAIT_US_LONG, WAIT_US_MAX),
            _ => chance.below(WAIT_US_SHORT),
        };
        Self {
            reads: (0..reads).map(|_| range(chance)).collect(),
            writes: (0..writes).map(|_| (range(chance), kind(chance))).collect(),
            wait_us,
        }
    }

    /// Takes a read version, with what it reads declared.
    pub(super) async fn begin(
        &self,
        transaction: &impl Transaction,
    ) -> Result<Version, StoreError> {
        transaction.set_option(TransactionOption::Timeout(TIMEOUT_MS));
        let read_version = transaction.read_version().await?;
        for read in &self.reads {
            transaction.add_read_conflict_range(&keys(read));
        }
        Ok(read_version)
    }

    pub(super) fn write(&self, transaction: &impl Transaction) {
        for (range, kind) in &self.writes {
            let first = key(range.start);
            match kind {
                Kind::Set => transaction.set(&first, &[1]),
                Kind::SetUnseen => {
                    transaction.set_option(TransactionOption::NextWriteNoWriteConflictRange);
                    transaction.set(&first, &[2]);
                }
                Kind::Clear => transaction.clear(&first),
                Kind::ClearRange => transaction.clear_range(&keys(range)),
                Kind::Declared => transaction.add_write_conflict_range(&keys(range)),
            }
        }
    }

    /// The ranges that others conflict with.
    fn seen_writes(&self) -> Vec<Range<u64>> {
        let seen = self.writes.iter().filter_map(|(range, kind)| match kind {
            Kind::Set | Kind::Clear => Some(range.start..range.start + 1),
            Kind::SetUnseen => None,
            Kind::ClearRange | Kind::Declared => Some(range.clone()),
        });
        seen.collect()
    }
}

impl Contest {
    /// Notes an attempt that was told to be committed.
    pub(super) fn note(&self, attempt: Attempt, read_version: Version, committed: Committed) {
        let writes = attempt.seen_writes();
        self.0.borrow_mut().push(Entry {
            read_version,
            committed,
            reads: attempt.reads,
            writes,
        });
    }

    /// One that rests on what another wrote meanwhile, if there is any.
    pub(super) fn fault(&self) -> Option<String> {
        let mut entries = self.0.borrow_mut();
        entries.sort_by_key(|entry| entry.committed.versionstamp);
        let meanwhile = |at: usize| {
            let since = entries[at].read_version;
            let before = entries[..at].iter().rev();
            before.take_while(move |other| other.committed.version > since)
        };
        (0..entries.len())
            .find_map(|at| meanwhile(at).find_map(|other| entries[at].rests_on(other)))
    }
}

impl Entry {
    fn rests_on(&self, other: &Self) -> Option<String> {
        let overlap = |read: &&Range<u64>| {
            let meets = |write: &Range<u64>| write.start < read.end && read.start < write.end;
            other.writes.iter().any(meets)
        };
        self.reads.iter().find(overlap).map(|read| {
            format!(
                "the tenant's transaction that read keys {read:?} at version {} was committed at {}, though they were written at {}",
                self.read_version, self.committed.version, other.committed.version
            )
        })
    }
}

fn key(number: u64) -> Vec<u8> {
    format!("tenant/contest/{number:03}").into_bytes()
}

fn keys(range: &Range<u64>) -> KeyRange {
    match range.end - range.start {
        1 => KeyRange::single(&key(range.start)),
        _ => KeyRange::new(key(range.start), key(range.end)),
    }
}

/// Mostly narrow, so that not all conflict with all.
fn range(chance: &mut Chance) -> Range<u64> {
    let length = match chance.percent(15) {
        true => chance.between(1, KEYS / 2),
        false => chance.between(1, 3),
    };
    let start = chance.below(KEYS);
    start..(start + length).min(KEYS)
}

fn kind(chance: &mut Chance) -> Kind {
    *chance.pick(&[
        Kind::Set,
        Kind::Set,
        Kind::SetUnseen,
        Kind::Clear,
        Kind::ClearRange,
        Kind::Declared,
    ])
}

#[cfg(test)]
mod tests {
    use store::Versionstamp;

    use super::*;

    fn entry(
        read_version: Version,
        version: Version,
        reads: Range<u64>,
        writes: Range<u64>,
    ) -> Entry {
        Entry {
            read_version,
            committed: Committed::at(Versionstamp::new(version, 0)),
            reads: vec![reads],
            writes: vec![writes],
        }
    }

    fn fault(entries: Vec<Entry>) -> bool {
        Contest(RefCell::new(entries)).fault().is_some()
    }

    #[test]
    fn what_was_written_between_read_and_commit_must_not_have_been_read() {
        assert!(fault(vec![
            entry(10, 30, 4..6, 0..1),
            entry(5, 20, 8..9, 5..6)
        ]));
        assert!(!fault(vec![
            entry(20, 30, 4..6, 0..1),
            entry(5, 20, 8..9, 5..6)
        ]));
        assert!(!fault(vec![
            entry(10, 30, 4..5, 0..1),
            entry(5, 20, 8..9, 5..6)
        ]));
        assert!(!fault(vec![
            entry(10, 30, 4..6, 4..6),
            entry(31, 40, 4..6, 0..1)
        ]));
    }
}
