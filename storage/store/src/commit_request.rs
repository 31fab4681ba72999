//! What a transaction hands to the committer.

use crate::limits::MUTATION_OVERHEAD_BYTES;
use crate::{AtomicOp, ConflictSet, KeyRange, Version, Versionstamp};

/// One write, in the order in which the transaction made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// Sets `key` to `value`.
    Set {
        /// The key.
        key: Vec<u8>,
        /// Its new value.
        value: Vec<u8>,
    },
    /// Removes one key.
    Clear {
        /// The key.
        key: Vec<u8>,
    },
    /// Removes every key of a range.
    ClearRange(KeyRange),
    /// Applies `op` to the value that `key` has then. After [`CommitRequest::stamp`] `op` is never one of
    /// the two versionstamp operations.
    Atomic {
        /// What to do.
        op: AtomicOp,
        /// The key.
        key: Vec<u8>,
        /// The operand.
        operand: Vec<u8>,
    },
}

/// A transaction, ready to be resolved and applied. `Send`: it travels to a committer's thread.
#[derive(Clone, Debug, Default)]
pub struct CommitRequest {
    /// What the transaction read at; 0 if it has no read conflict ranges and never asked.
    pub read_version: Version,
    /// Fails with 1020 if one of these was written after `read_version`.
    pub read_conflicts: ConflictSet,
    /// What later transactions conflict with.
    pub write_conflicts: ConflictSet,
    /// The writes, in order.
    pub mutations: Vec<Mutation>,
    /// Whether 1020 is to say which of `read_conflicts` met a write.
    pub reports_conflicts: bool,
}

impl CommitRequest {
    /// What the request counts towards [`crate::limits::TRANSACTION_BYTES_MAX`].
    pub fn size_bytes(&self) -> usize {
        let mutations: usize = self.mutations.iter().map(Mutation::size_bytes).sum();
        mutations
            .saturating_add(self.read_conflicts.size_bytes())
            .saturating_add(self.write_conflicts.size_bytes())
    }

    /// Puts the commit's stamp into versionstamped keys and values, which makes plain sets of them, and
    /// adds the keys to the write conflict ranges. To be called before the request is resolved.
    pub fn stamp(&mut self, versionstamp: Versionstamp) {
        for mutation in &mut self.mutations {
            let Mutation::Atomic { op, key, operand } = mutation else {
                continue;
            };
            match op {
                AtomicOp::SetVersionstampedKey => {
                    place(key, versionstamp);
                    self.write_conflicts.add_key(key);
                }
                AtomicOp::SetVersionstampedValue => place(operand, versionstamp),
                _ => continue,
            }
            *mutation = Mutation::Set {
                key: std::mem::take(key),
                value: std::mem::take(operand),
            };
        }
    }
}

impl Mutation {
    /// What the mutation counts towards the size of its transaction, as FoundationDB counts it.
    pub fn size_bytes(&self) -> usize {
        let bytes = match self {
            Self::Set { key, value } => key.len() + value.len(),
            Self::Clear { key } => 2 * key.len() + 1,
            Self::ClearRange(range) => range.begin.len() + range.end.len(),
            Self::Atomic { key, operand, .. } => key.len() + operand.len(),
        };
        bytes + MUTATION_OVERHEAD_BYTES
    }
}

/// Where the stamp goes in `bytes`, which end in a 4-byte little-endian offset; none if it does not fit.
pub(crate) fn stamp_offset(bytes: &[u8]) -> Option<usize> {
    let (body, offset) = bytes.split_last_chunk::<4>()?;
    let offset = usize::try_from(u32::from_le_bytes(*offset)).ok()?;
    (offset.checked_add(Versionstamp::LEN)? <= body.len()).then_some(offset)
}

fn place(bytes: &mut Vec<u8>, versionstamp: Versionstamp) {
    let offset =
        stamp_offset(bytes).expect("the session refused operands whose stamp does not fit");
    bytes.truncate(bytes.len() - 4);
    bytes[offset..offset + Versionstamp::LEN].copy_from_slice(&versionstamp.0);
}

const _: () = {
    const fn is_send<T: Send>() {}
    is_send::<CommitRequest>()
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_replaces_ten_bytes_and_drops_the_offset() {
        let stamp = Versionstamp([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        let operand = [b"<..........>".as_slice(), &[1, 0, 0, 0]].concat();
        let mut request = CommitRequest::default();
        for op in [
            AtomicOp::SetVersionstampedKey,
            AtomicOp::SetVersionstampedValue,
        ] {
            request.mutations.push(Mutation::Atomic {
                op,
                key: operand.clone(),
                operand: operand.clone(),
            });
        }
        request.stamp(stamp);
        let stamped = b"<\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a>".to_vec();
        assert_eq!(
            request.mutations,
            [
                Mutation::Set {
                    key: stamped.clone(),
                    value: operand.clone()
                },
                Mutation::Set {
                    key: operand,
                    value: stamped.clone()
                },
            ]
        );
        assert_eq!(
            request
                .write_conflicts
                .iter()
                .map(|range| range.begin)
                .collect::<Vec<_>>(),
            [stamped]
        );
    }

    #[test]
    fn an_offset_must_leave_room_for_the_stamp() {
        let fits = [[0; 10].as_slice(), &[0, 0, 0, 0]].concat();
        let late = [[0; 10].as_slice(), &[1, 0, 0, 0]].concat();
        assert_eq!(
            (
                stamp_offset(&fits),
                stamp_offset(&late),
                stamp_offset(b"abc")
            ),
            (Some(0), None, None)
        );
        assert_eq!(stamp_offset(&[255; 20]), None);
    }
}
