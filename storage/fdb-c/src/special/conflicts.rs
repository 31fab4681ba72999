//! `\xff\xff/transaction/…`: what a transaction would conflict on, and what it did conflict on.
//!
//! A range is told by two keys: its begin with the value 1, its end with the value 0.

use std::collections::BTreeMap;

use store::ConflictSet;

use crate::transaction::Transaction;

const CONFLICTING_KEYS: &[u8] = b"\xff\xff/transaction/conflicting_keys/";
const READ_CONFLICT_RANGE: &[u8] = b"\xff\xff/transaction/read_conflict_range/";
const WRITE_CONFLICT_RANGE: &[u8] = b"\xff\xff/transaction/write_conflict_range/";

/// All of it, in order.
pub(super) fn rows(transaction: &Transaction) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut met = ConflictSet::default();
    for range in transaction.special().conflicting.borrow().iter() {
        met.add(&range.begin, &range.end);
    }
    met.coalesce();
    let session = transaction.session();
    let mut rows = Vec::new();
    tell(&mut rows, CONFLICTING_KEYS, &met);
    tell(&mut rows, READ_CONFLICT_RANGE, &session.read_conflicts());
    tell(&mut rows, WRITE_CONFLICT_RANGE, &session.write_conflicts());
    rows
}

/// Whether a read of special keys from `begin` to before `end` waits for all reads, and fails as they did.
pub(super) fn waits_for_reads(begin: &[u8], end: &[u8]) -> bool {
    begin < WRITE_CONFLICT_RANGE && READ_CONFLICT_RANGE < end
}

/// Tells `ranges`, which are merged.
fn tell(rows: &mut Vec<(Vec<u8>, Vec<u8>)>, prefix: &[u8], ranges: &ConflictSet) {
    let ends = ranges
        .iter()
        .flat_map(|range| [(range.begin, b"1"), (range.end, b"0")]);
    let by_key: BTreeMap<&[u8], &[u8; 1]> = ends.collect();
    rows.extend(
        by_key
            .into_iter()
            .map(|(key, value)| ([prefix, key].concat(), value.to_vec())),
    );
}
