//! What a transaction writes: special keys are told apart, numbers become operations.

use store::{AtomicOp, KeyRange, StoreError, Transaction as _};

use super::Transaction;
use crate::api_version;
use crate::errors::code;
use crate::special;

/// From this API version on special keys are told apart where they are written.
const SPECIAL_WRITES_SINCE: i32 = 700;

/// From this API version on a versionstamp's offset has 4 bytes; a key's had 2 before, and a value's none.
const LONG_OFFSETS_SINCE: i32 = 520;

/// From this API version on `min` and `and` store their operand on an absent key; before they took it for zeros.
const ABSENT_IS_NO_ZERO_SINCE: i32 = 510;

impl Transaction {
    /// Sets a key.
    pub(crate) fn set(&self, key: &[u8], value: &[u8]) {
        if !self.is_special_write(special::is_special(key)) {
            self.session.set(key, value);
        } else if let Err(error) = special::set(self, key, value) {
            self.session.refuse(error);
        }
    }

    /// Clears a key.
    pub(crate) fn clear(&self, key: &[u8]) {
        match self.is_special_write(special::is_special(key)) {
            true => self.session.refuse(self.special.refuse_clear()),
            false => self.session.clear(key),
        }
    }

    /// Clears a range of keys.
    pub(crate) fn clear_range(&self, range: &KeyRange) {
        let is_special = range.begin <= range.end && special::are_special(&range.begin, &range.end);
        match self.is_special_write(is_special) {
            true => self.session.refuse(self.special.refuse_clear()),
            false => self.session.clear_range(range),
        }
    }

    /// Does the atomic operation of this number.
    pub(crate) fn atomic(&self, number: i32, mut key: Vec<u8>, mut operand: Vec<u8>) {
        let op = AtomicOp::ALL
            .into_iter()
            .find(|op| i32::from(op.code()) == number);
        if !api_version::is_at_least(LONG_OFFSETS_SINCE) {
            match op {
                Some(AtomicOp::SetVersionstampedKey) => key.extend([0; 2]),
                Some(AtomicOp::SetVersionstampedValue) => operand.extend([0; 4]),
                _ => {}
            }
        }
        match op {
            Some(AtomicOp::Min | AtomicOp::BitAnd)
                if !api_version::is_at_least(ABSENT_IS_NO_ZERO_SINCE) =>
            {
                // Zeros first, where there is nothing: then both versions do the same.
                self.session
                    .atomic(AtomicOp::BitOr, &key, &vec![0; operand.len()]);
                self.session
                    .atomic(op.expect("it was just matched"), &key, &operand);
            }
            Some(op) => self.session.atomic(op, &key, &operand),
            None => self
                .session
                .refuse(StoreError::new(code::INVALID_MUTATION_TYPE)),
        }
    }

    /// Reads at `version`, which must be one.
    pub(crate) fn set_read_version(&self, version: i64) {
        match version {
            _ if self.session.has_read_version() => self
                .session
                .refuse(StoreError::new(store::code::READ_VERSION_ALREADY_SET)),
            1.. => self.session.set_read_version(version),
            _ => self.session.refuse(StoreError::new(code::VERSION_INVALID)),
        }
    }

    fn is_special_write(&self, is_special: bool) -> bool {
        is_special && api_version::is_at_least(SPECIAL_WRITES_SINCE)
    }
}
