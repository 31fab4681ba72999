//! The calls that change something: they return nothing, so their faults wait for the next call that does.

use crate::commit_request::stamp_offset;
use crate::limits::{
    CONFLICT_RANGE_OVERHEAD_BYTES, KEY_BYTES_MAX, KEY_SPACE_END, METADATA_VERSION_KEY,
    MUTATION_OVERHEAD_BYTES, SYSTEM_KEY_BYTES_MAX, VALUE_BYTES_MAX,
};
use crate::selector::key_after;
use crate::{AtomicOp, KeyRange, Mutation, StoreError, code};

use super::state::State;

/// The only operand of [`METADATA_VERSION_KEY`]: a stamp at the begin.
const METADATA_VERSION_OPERAND: [u8; 14] = [0; 14];

impl<S> State<S> {
    pub(super) fn set(&mut self, key: &[u8], value: &[u8]) {
        let conflicts = self.take_write_conflict();
        let checked = match key == METADATA_VERSION_KEY {
            true => Err(StoreError::new(code::CLIENT_INVALID_OPERATION)),
            false => self.check_key(key).and_then(|()| check_value(value)),
        };
        if !self.is_writable() || !self.admit(checked) {
            return;
        }
        if conflicts {
            self.add_written_key(key);
        }
        self.count_write(
            key.len() + value.len(),
            conflicts.then_some(2 * key.len() + 1),
        );
        self.push(Mutation::Set {
            key: key.to_vec(),
            value: value.to_vec(),
        });
    }

    /// No key is longer than the limit, so clearing a longer one does nothing.
    pub(super) fn clear(&mut self, key: &[u8]) {
        let conflicts = self.take_write_conflict();
        let checked = self.check_legal(key);
        if !self.is_writable() || !self.admit(checked) || key.len() > key_bytes_max(key) {
            return;
        }
        let range_bytes = 2 * key.len() + 1;
        if conflicts {
            self.add_written_key(key);
        }
        self.count_clear(range_bytes, conflicts);
        self.push(Mutation::Clear { key: key.to_vec() });
    }

    pub(super) fn clear_range(&mut self, range: &KeyRange) {
        let conflicts = self.take_write_conflict();
        let checked = check_range(range, self.options.writable_end);
        if !self.is_writable() || !self.admit(checked) {
            return;
        }
        let range_bytes = range.begin.len() + range.end.len();
        self.count_write(range_bytes, conflicts.then_some(range_bytes));
        if range.is_empty() {
            return;
        }
        let range = KeyRange::new(capped(&range.begin), capped(&range.end));
        if conflicts {
            self.add_written_range(&range.begin, &range.end);
        }
        self.push(Mutation::ClearRange(range));
    }

    pub(super) fn atomic(&mut self, op: AtomicOp, key: &[u8], operand: &[u8]) {
        // The stamped key's own conflict range is added once the stamp is known.
        let conflicts = self.take_write_conflict() && op != AtomicOp::SetVersionstampedKey;
        let checked = self
            .check_atomic_key(op, key, operand)
            .and_then(|()| check_value(operand))
            .and_then(|()| check_stamp(op, key, operand));
        if !self.is_writable() || !self.admit(checked) {
            return;
        }
        if op == AtomicOp::SetVersionstampedKey {
            self.forget_told_writes(key);
        }
        if conflicts {
            self.add_written_key(key);
        }
        self.count_write(
            key.len() + operand.len(),
            conflicts.then_some(2 * key.len() + 1),
        );
        self.push(Mutation::Atomic {
            op,
            key: key.to_vec(),
            operand: operand.to_vec(),
        });
    }

    /// As for a read of the range: what was written blindly before adds nothing.
    pub(super) fn add_read_conflict_range(&mut self, range: &KeyRange) {
        let checked = match is_metadata_version(range) {
            true => Ok(()),
            false => check_range(range, self.options.readable_end),
        };
        if self.is_writable() && self.admit(checked) {
            let (begin, end) = (capped(&range.begin), capped(&range.end));
            self.add_read_conflicts(begin, end);
            if !self.options.read_your_writes {
                self.count_conflict_range(begin.len() + end.len());
            }
        }
    }

    pub(super) fn add_write_conflict_range(&mut self, range: &KeyRange) {
        let checked = check_range(range, self.options.writable_end);
        if self.is_writable() && self.admit(checked) && !range.is_empty() {
            let (begin, end) = (capped(&range.begin), capped(&range.end));
            self.count_conflict_range(begin.len() + end.len());
            self.add_written_range(begin, end);
        }
    }

    /// Whether the transaction may read `key`.
    pub(super) fn check_readable(&self, key: &[u8]) -> Result<(), StoreError> {
        if key < self.options.readable_end || key == METADATA_VERSION_KEY {
            return Ok(());
        }
        Err(StoreError::with_context(
            code::KEY_OUTSIDE_LEGAL_RANGE,
            format!("read of {}", shown(key)),
        ))
    }

    /// Counts a conflict range whose keys have so many bytes, as FoundationDB's client does.
    pub(super) fn count_conflict_range(&mut self, keys_bytes: usize) {
        self.approximate_bytes += keys_bytes + CONFLICT_RANGE_OVERHEAD_BYTES;
    }

    fn count_write(&mut self, bytes: usize, conflict_bytes: Option<usize>) {
        self.approximate_bytes += bytes + MUTATION_OVERHEAD_BYTES;
        if let Some(conflict_bytes) = conflict_bytes {
            self.count_conflict_range(conflict_bytes);
        }
    }

    /// The clear of one key counts as a range and not as a mutation; without read-your-writes not at all.
    fn count_clear(&mut self, range_bytes: usize, conflicts: bool) {
        if !self.options.read_your_writes {
            return;
        }
        self.count_conflict_range(range_bytes);
        if conflicts {
            self.count_conflict_range(range_bytes);
        }
    }

    fn take_write_conflict(&mut self) -> bool {
        !std::mem::take(&mut self.options.next_write_no_conflict)
    }

    /// Whether the transaction may write `key` at all.
    fn check_legal(&self, key: &[u8]) -> Result<(), StoreError> {
        if key < self.options.writable_end {
            return Ok(());
        }
        Err(StoreError::with_context(
            code::KEY_OUTSIDE_LEGAL_RANGE,
            format!("write of {}", shown(key)),
        ))
    }

    fn check_key(&self, key: &[u8]) -> Result<(), StoreError> {
        self.check_legal(key)?;
        if key.len() > key_bytes_max(key) {
            let context = format!("key of {} bytes, {}", key.len(), shown(key));
            return Err(StoreError::with_context(code::KEY_TOO_LARGE, context));
        }
        Ok(())
    }

    fn check_atomic_key(&self, op: AtomicOp, key: &[u8], operand: &[u8]) -> Result<(), StoreError> {
        if key != METADATA_VERSION_KEY {
            return self.check_key(key);
        }
        if op == AtomicOp::SetVersionstampedValue && operand == METADATA_VERSION_OPERAND {
            return Ok(());
        }
        Err(StoreError::with_context(
            code::CLIENT_INVALID_OPERATION,
            "the metadata version is set by a stamp only",
        ))
    }

    fn admit(&mut self, checked: Result<(), StoreError>) -> bool {
        checked.map_err(|error| self.defer(error)).is_ok()
    }
}

fn check_value(value: &[u8]) -> Result<(), StoreError> {
    if value.len() > VALUE_BYTES_MAX {
        return Err(StoreError::with_context(
            code::VALUE_TOO_LARGE,
            format!("value of {} bytes", value.len()),
        ));
    }
    Ok(())
}

fn check_stamp(op: AtomicOp, key: &[u8], operand: &[u8]) -> Result<(), StoreError> {
    let stamped = match op {
        AtomicOp::SetVersionstampedKey => key,
        AtomicOp::SetVersionstampedValue => operand,
        _ => return Ok(()),
    };
    if stamp_offset(stamped).is_some() {
        return Ok(());
    }
    let context = format!(
        "{op:?} of {} bytes must end in the 4-byte offset of 10 bytes within",
        stamped.len()
    );
    Err(StoreError::with_context(
        code::CLIENT_INVALID_OPERATION,
        context,
    ))
}

fn check_range(range: &KeyRange, space_end: &[u8]) -> Result<(), StoreError> {
    if range.begin > range.end {
        let context = format!("{} to {}", shown(&range.begin), shown(&range.end));
        return Err(StoreError::with_context(code::INVERTED_RANGE, context));
    }
    check_bound(&range.end, space_end)
}

/// Whether a range or a selector may name `key`: up to the end of the key space, inclusive.
pub(super) fn check_bound(key: &[u8], space_end: &[u8]) -> Result<(), StoreError> {
    if key <= space_end {
        return Ok(());
    }
    Err(StoreError::with_context(
        code::KEY_OUTSIDE_LEGAL_RANGE,
        format!("bound {}", shown(key)),
    ))
}

/// The longest key, in bytes, of the space that `key` lies in.
pub(super) fn key_bytes_max(key: &[u8]) -> usize {
    match key.starts_with(KEY_SPACE_END) {
        true => SYSTEM_KEY_BYTES_MAX,
        false => KEY_BYTES_MAX,
    }
}

/// No key is longer than the limit, so a longer bound means the same as its first bytes.
fn capped(key: &[u8]) -> &[u8] {
    &key[..key.len().min(key_bytes_max(key) + 1)]
}

fn is_metadata_version(range: &KeyRange) -> bool {
    range.begin == METADATA_VERSION_KEY && range.end == key_after(METADATA_VERSION_KEY)
}

/// The first bytes of a key, printable.
fn shown(key: &[u8]) -> String {
    const SHOWN_BYTES_MAX: usize = 64;
    key[..key.len().min(SHOWN_BYTES_MAX)]
        .escape_ascii()
        .to_string()
}
