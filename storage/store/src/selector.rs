//! Key selectors: "the key after this one", resolved where the data is.

/// Names a key by its place relative to another: start at the last key < `key` (<= if `or_equal`),
/// then go `offset` keys on. Clamped to the empty key and `\xff`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySelector {
    /// The reference.
    pub key: Vec<u8>,
    /// Whether the reference itself counts as a start.
    pub or_equal: bool,
    /// How many keys to go on; may be negative.
    pub offset: i32,
}

impl KeySelector {
    /// The first key >= `key`.
    pub fn first_greater_or_equal(key: impl Into<Vec<u8>>) -> Self {
        Self {
            key: key.into(),
            or_equal: false,
            offset: 1,
        }
    }

    /// The first key > `key`.
    pub fn first_greater_than(key: impl Into<Vec<u8>>) -> Self {
        Self {
            key: key.into(),
            or_equal: true,
            offset: 1,
        }
    }

    /// The last key < `key`.
    pub fn last_less_than(key: impl Into<Vec<u8>>) -> Self {
        Self {
            key: key.into(),
            or_equal: false,
            offset: 0,
        }
    }

    /// The last key <= `key`.
    pub fn last_less_or_equal(key: impl Into<Vec<u8>>) -> Self {
        Self {
            key: key.into(),
            or_equal: true,
            offset: 0,
        }
    }

    /// The same selector, `offset` keys further on (back if negative).
    #[must_use]
    pub fn plus(mut self, offset: i32) -> Self {
        self.offset = self.offset.saturating_add(offset);
        self
    }
}

/// The first key after `key`: `key` and a zero byte.
pub(crate) fn key_after(key: &[u8]) -> Vec<u8> {
    let mut after = Vec::with_capacity(key.len() + 1);
    after.extend_from_slice(key);
    after.push(0);
    after
}

/// The key that `key` is the first one after, if there is one.
pub(crate) fn key_before(key: &[u8]) -> Option<&[u8]> {
    key.strip_suffix(&[0])
}

/// The first key that does not start with `prefix`; none if every byte of it is `\xff`.
pub(crate) fn key_after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|&byte| byte != 0xff)?;
    let mut after = prefix[..=last].to_vec();
    after[last] += 1;
    Some(after)
}
