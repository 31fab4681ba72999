//! The calls that change something: they return nothing, so their faults wait for the next call that does.

use crate::commit_request::stamp_offset;
use crate::limits::{KEY_BYTES_MAX, KEY_SPACE_END, VALUE_BYTES_MAX};
use crate::{AtomicOp, KeyRange, Mutation, StoreError, code};

use super::state::State;

impl<S> State<S> {
    pub(super) fn set(&mut self, key: &[u8], value: &[u8]) {
        let conflicts = self.take_write_conflict();
        if !self.is_writable() || !self.admit(check_key(key).and_then(|()| check_value(value))) {
            return;
        }
        if conflicts {
            self.request.write_conflicts.add_key(key);
        }
        self.push(Mutation::Set {
            key: key.to_vec(),
            value: value.to_vec(),
        });
    }

    /// No key is longer than the limit, so clearing a longer one does nothing.
    pub(super) fn clear(&mut self, key: &[u8]) {
        let conflicts = self.take_write_conflict();
        if !self.is_writable() || !self.admit(check_legal(key)) || key.len() > KEY_BYTES_MAX {
            return;
        }
        if conflicts {
            self.request.write_conflicts.add_key(key);
        }
        self.push(Mutation::Clear { key: key.to_vec() });
    }

    pub(super) fn clear_range(&mut self, range: &KeyRange) {
        let conflicts = self.take_write_conflict();
        if !self.is_writable() || !self.admit(check_range(range)) || range.is_empty() {
            return;
        }
        let range = KeyRange::new(capped(&range.begin), capped(&range.end));
        if conflicts {
            self.request.write_conflicts.add(&range.begin, &range.end);
        }
        self.push(Mutation::ClearRange(range));
    }

    pub(super) fn atomic(&mut self, op: AtomicOp, key: &[u8], operand: &[u8]) {
        let conflicts = self.take_write_conflict();
        let checked = check_key(key)
            .and_then(|()| check_value(operand))
            .and_then(|()| check_stamp(op, key, operand));
        if !self.is_writable() || !self.admit(checked) {
            return;
        }
        // The stamped key's own conflict range is added once the stamp is known.
        if conflicts && op != AtomicOp::SetVersionstampedKey {
            self.request.write_conflicts.add_key(key);
        }
        self.push(Mutation::Atomic {
            op,
            key: key.to_vec(),
            operand: operand.to_vec(),
        });
    }

    /// As for a read of the range: what was written blindly before adds nothing.
    pub(super) fn add_read_conflict_range(&mut self, range: &KeyRange) {
        if !self.is_writable() || !self.admit(check_range(range)) {
            return;
        }
        self.add_read_conflicts(capped(&range.begin), capped(&range.end));
    }

    /// Adds the range but for what own writes hide.
    pub(super) fn add_read_conflicts(&mut self, begin: &[u8], end: &[u8]) {
        if self.index_own_writes(false) {
            self.overlay
                .add_conflicts(&mut self.request.read_conflicts, begin, end);
        } else {
            self.request.read_conflicts.add(begin, end);
        }
    }

    pub(super) fn add_write_conflict_range(&mut self, range: &KeyRange) {
        if self.is_writable() && self.admit(check_range(range)) {
            self.request
                .write_conflicts
                .add(capped(&range.begin), capped(&range.end));
        }
    }

    fn take_write_conflict(&mut self) -> bool {
        !std::mem::take(&mut self.options.next_write_no_conflict)
    }

    fn admit(&mut self, checked: Result<(), StoreError>) -> bool {
        checked.map_err(|error| self.defer(error)).is_ok()
    }
}

/// Whether a transaction may touch `key` at all.
fn check_legal(key: &[u8]) -> Result<(), StoreError> {
    if key < KEY_SPACE_END {
        return Ok(());
    }
    Err(StoreError::with_context(
        code::KEY_OUTSIDE_LEGAL_RANGE,
        format!("write of {}", shown(key)),
    ))
}

fn check_key(key: &[u8]) -> Result<(), StoreError> {
    if key.len() > KEY_BYTES_MAX {
        let context = format!("key of {} bytes, {}", key.len(), shown(key));
        return Err(StoreError::with_context(code::KEY_TOO_LARGE, context));
    }
    check_legal(key)
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

pub(super) fn check_range(range: &KeyRange) -> Result<(), StoreError> {
    if range.begin > range.end {
        let context = format!("{} to {}", shown(&range.begin), shown(&range.end));
        return Err(StoreError::with_context(code::INVERTED_RANGE, context));
    }
    check_bound(&range.end)
}

/// Whether a range or a selector may name `key`: up to the end of the key space, inclusive.
pub(super) fn check_bound(key: &[u8]) -> Result<(), StoreError> {
    if key <= KEY_SPACE_END {
        return Ok(());
    }
    Err(StoreError::with_context(
        code::KEY_OUTSIDE_LEGAL_RANGE,
        format!("bound {}", shown(key)),
    ))
}

/// No key is longer than the limit, so a longer bound means the same as its first bytes.
fn capped(key: &[u8]) -> &[u8] {
    &key[..key.len().min(KEY_BYTES_MAX + 1)]
}

/// The first bytes of a key, printable.
fn shown(key: &[u8]) -> String {
    const SHOWN_BYTES_MAX: usize = 64;
    key[..key.len().min(SHOWN_BYTES_MAX)]
        .escape_ascii()
        .to_string()
}
