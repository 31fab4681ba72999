//! Atomic operations: read-modify-write without reading, applied when the transaction commits.
//!
//! Numbers and bytes are FoundationDB's (`fdbclient/Atomic.h`, API version 510 and later): integers are
//! little-endian, and the result of the arithmetic ones is as wide as the operand.

use std::cmp::Ordering;

use crate::limits::VALUE_BYTES_MAX;

/// What to do with a value at commit, by FoundationDB's codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum AtomicOp {
    /// Little-endian addition, wrapping. Absent counts as zero.
    Add = 2,
    /// Bitwise and. On an absent key stores the operand.
    BitAnd = 6,
    /// Bitwise or. Absent counts as zeros.
    BitOr = 7,
    /// Bitwise exclusive or. Absent counts as zeros.
    BitXor = 8,
    /// Appends, unless the value would grow past 100,000 bytes: then it silently does nothing.
    AppendIfFits = 9,
    /// The larger little-endian number. Absent counts as zero.
    Max = 12,
    /// The smaller little-endian number. On an absent key stores the operand.
    Min = 13,
    /// Sets a key that holds the commit's versionstamp; the key ends in its 4-byte offset.
    SetVersionstampedKey = 14,
    /// Sets a value that holds the commit's versionstamp; the operand ends in its 4-byte offset.
    SetVersionstampedValue = 15,
    /// The smaller byte string. On an absent key stores the operand.
    ByteMin = 16,
    /// The larger byte string. On an absent key stores the operand.
    ByteMax = 17,
    /// Clears the key if its value is the operand.
    CompareAndClear = 20,
}

impl AtomicOp {
    /// Every operation, in order of its code.
    pub const ALL: [Self; 12] = [
        Self::Add,
        Self::BitAnd,
        Self::BitOr,
        Self::BitXor,
        Self::AppendIfFits,
        Self::Max,
        Self::Min,
        Self::SetVersionstampedKey,
        Self::SetVersionstampedValue,
        Self::ByteMin,
        Self::ByteMax,
        Self::CompareAndClear,
    ];

    /// FoundationDB's number of the operation.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Whether the result depends on the commit's versionstamp.
    pub const fn is_versionstamped(self) -> bool {
        matches!(
            self,
            Self::SetVersionstampedKey | Self::SetVersionstampedValue
        )
    }

    /// The value after the operation on `current`; none if the key is absent then.
    ///
    /// The two versionstamp operations take their operand as it is: they must be stamped before.
    pub fn apply(self, current: Option<&[u8]>, operand: &[u8]) -> Option<Vec<u8>> {
        let existing = current.unwrap_or_default();
        let value = match self {
            Self::Add => add(existing, operand),
            Self::BitAnd if current.is_none() => operand.to_vec(),
            Self::BitAnd => zip(existing, operand, |a, b| a & b),
            Self::BitOr => zip(existing, operand, |a, b| a | b),
            Self::BitXor => zip(existing, operand, |a, b| a ^ b),
            Self::AppendIfFits if existing.len() + operand.len() > VALUE_BYTES_MAX => {
                return current.map(<[u8]>::to_vec);
            }
            Self::AppendIfFits => [existing, operand].concat(),
            Self::Max => choose(existing, operand, Ordering::Greater),
            Self::Min if current.is_some() => choose(existing, operand, Ordering::Less),
            Self::ByteMin => current
                .filter(|value| *value < operand)
                .unwrap_or(operand)
                .to_vec(),
            Self::ByteMax => current
                .filter(|value| *value > operand)
                .unwrap_or(operand)
                .to_vec(),
            Self::CompareAndClear => {
                return current
                    .filter(|value| *value != operand)
                    .map(<[u8]>::to_vec);
            }
            Self::Min | Self::SetVersionstampedKey | Self::SetVersionstampedValue => {
                operand.to_vec()
            }
        };
        Some(value)
    }
}

/// `existing`, cut or padded with zeros to `width`.
fn resize(existing: &[u8], width: usize) -> Vec<u8> {
    let mut value = existing[..existing.len().min(width)].to_vec();
    value.resize(width, 0);
    value
}

fn zip(existing: &[u8], operand: &[u8], op: impl Fn(u8, u8) -> u8) -> Vec<u8> {
    let mut value = resize(existing, operand.len());
    for (byte, other) in value.iter_mut().zip(operand) {
        *byte = op(*byte, *other);
    }
    value
}

fn add(existing: &[u8], operand: &[u8]) -> Vec<u8> {
    let mut value = resize(existing, operand.len());
    let mut carry = 0u16;
    for (byte, other) in value.iter_mut().zip(operand) {
        let sum = u16::from(*byte) + u16::from(*other) + carry;
        *byte = (sum & 0xff) as u8;
        carry = sum >> 8;
    }
    value
}

/// Whichever of `existing` (at the operand's width) and `operand` compares as `wanted` to the other.
fn choose(existing: &[u8], operand: &[u8], wanted: Ordering) -> Vec<u8> {
    let existing = resize(existing, operand.len());
    let order = existing.iter().rev().cmp(operand.iter().rev());
    if order == wanted {
        existing
    } else {
        operand.to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(op: AtomicOp, current: Option<&[u8]>, operand: &[u8], expected: Option<&[u8]>) {
        assert_eq!(
            op.apply(current, operand).as_deref(),
            expected,
            "{op:?} {current:?} {operand:?}"
        );
    }

    #[test]
    fn codes_are_foundationdbs() {
        let codes = AtomicOp::ALL.map(AtomicOp::code);
        assert_eq!(codes, [2, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 20]);
    }

    #[test]
    fn add_carries_wraps_and_takes_the_operands_width() {
        check(AtomicOp::Add, Some(&[255, 0]), &[1, 0], Some(&[0, 1]));
        check(AtomicOp::Add, Some(&[255, 255]), &[1, 0], Some(&[0, 0]));
        check(AtomicOp::Add, Some(&[5]), &[1, 0, 0], Some(&[6, 0, 0]));
        check(AtomicOp::Add, Some(&[5, 9, 9]), &[1], Some(&[6]));
        check(AtomicOp::Add, None, &[7, 1], Some(&[7, 1]));
        check(AtomicOp::Add, Some(&[5]), &[], Some(&[]));
    }

    #[test]
    fn bits_take_the_operands_width() {
        check(
            AtomicOp::BitAnd,
            Some(&[0b110, 1]),
            &[0b011],
            Some(&[0b010]),
        );
        check(
            AtomicOp::BitAnd,
            Some(&[0b110]),
            &[0b011, 7],
            Some(&[0b010, 0]),
        );
        check(AtomicOp::BitAnd, None, &[3], Some(&[3]));
        check(AtomicOp::BitAnd, Some(&[]), &[3], Some(&[0]));
        check(
            AtomicOp::BitOr,
            Some(&[0b110]),
            &[0b001, 7],
            Some(&[0b111, 7]),
        );
        check(AtomicOp::BitOr, None, &[3], Some(&[3]));
        check(
            AtomicOp::BitXor,
            Some(&[0b110, 9]),
            &[0b011],
            Some(&[0b101]),
        );
        check(AtomicOp::BitXor, None, &[3], Some(&[3]));
    }

    #[test]
    fn max_and_min_compare_little_endian_at_the_operands_width() {
        check(AtomicOp::Max, Some(&[1, 2]), &[9, 1], Some(&[1, 2]));
        check(AtomicOp::Max, Some(&[1, 1]), &[9, 1], Some(&[9, 1]));
        check(AtomicOp::Max, Some(&[5]), &[4, 0], Some(&[5, 0]));
        check(AtomicOp::Max, Some(&[5, 9]), &[6], Some(&[6]));
        check(AtomicOp::Max, None, &[0, 0], Some(&[0, 0]));
        check(AtomicOp::Min, Some(&[9, 1]), &[1, 2], Some(&[9, 1]));
        check(AtomicOp::Min, Some(&[9, 2]), &[1, 2], Some(&[1, 2]));
        check(AtomicOp::Min, Some(&[5]), &[6, 0], Some(&[5, 0]));
        check(AtomicOp::Min, Some(&[]), &[6, 1], Some(&[0, 0]));
        check(AtomicOp::Min, None, &[6], Some(&[6]));
    }

    #[test]
    fn byte_max_and_byte_min_compare_strings() {
        check(AtomicOp::ByteMax, Some(b"b"), b"ab", Some(b"b"));
        check(AtomicOp::ByteMax, Some(b"a"), b"ab", Some(b"ab"));
        check(AtomicOp::ByteMax, None, b"", Some(b""));
        check(AtomicOp::ByteMin, Some(b"b"), b"ab", Some(b"ab"));
        check(AtomicOp::ByteMin, Some(b"a"), b"ab", Some(b"a"));
        check(AtomicOp::ByteMin, None, b"x", Some(b"x"));
    }

    #[test]
    fn append_past_the_limit_does_nothing() {
        let full = vec![1; VALUE_BYTES_MAX - 1];
        assert_eq!(
            AtomicOp::AppendIfFits
                .apply(Some(&full), b"x")
                .map(|value| value.len()),
            Some(VALUE_BYTES_MAX)
        );
        check(AtomicOp::AppendIfFits, Some(&full), b"xy", Some(&full));
        check(AtomicOp::AppendIfFits, Some(b"a"), b"b", Some(b"ab"));
        check(AtomicOp::AppendIfFits, None, b"b", Some(b"b"));
    }

    #[test]
    fn compare_and_clear_clears_only_the_equal() {
        check(AtomicOp::CompareAndClear, Some(b"a"), b"a", None);
        check(AtomicOp::CompareAndClear, Some(b"a"), b"b", Some(b"a"));
        check(AtomicOp::CompareAndClear, None, b"", None);
    }
}
