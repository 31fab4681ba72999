//! Ranges of keys, and how to read one page of them.

use crate::KeySelector;
use crate::limits::KEY_SPACE_END;
use crate::selector::{key_after, key_after_prefix};

/// The keys from `begin` (inclusive) to `end` (exclusive).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRange {
    /// The first key.
    pub begin: Vec<u8>,
    /// The first key past the range.
    pub end: Vec<u8>,
}

impl KeyRange {
    /// From `begin` to `end`, exclusive. An inverted range is error 2005 where it is used.
    pub fn new(begin: impl Into<Vec<u8>>, end: impl Into<Vec<u8>>) -> Self {
        Self {
            begin: begin.into(),
            end: end.into(),
        }
    }

    /// Exactly `key`.
    pub fn single(key: &[u8]) -> Self {
        Self {
            begin: key.to_vec(),
            end: key_after(key),
        }
    }

    /// Every key that starts with `prefix`, `prefix` itself included. The empty prefix, or one of
    /// `\xff` bytes only, reaches to the end of the key space.
    pub fn prefix(prefix: &[u8]) -> Self {
        let end = key_after_prefix(prefix).unwrap_or_else(|| KEY_SPACE_END.to_vec());
        Self {
            begin: prefix.to_vec(),
            end,
        }
    }

    /// Whether `key` lies within.
    pub fn contains(&self, key: &[u8]) -> bool {
        self.begin.as_slice() <= key && key < self.end.as_slice()
    }

    /// Whether no key lies within.
    pub fn is_empty(&self) -> bool {
        self.begin >= self.end
    }
}

/// One page of a range: between two selectors, in either direction, up to a number of rows or bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeRead {
    /// Resolves to the first key.
    pub begin: KeySelector,
    /// Resolves to the first key past the range.
    pub end: KeySelector,
    /// At most so many rows; 0: as many as fit a page.
    pub limit: usize,
    /// Stop after the row that reaches so many bytes of keys and values; 0: the page's own limit.
    pub bytes_target: usize,
    /// From the end backwards.
    pub reverse: bool,
}

impl RangeRead {
    /// Every row of `range`, forwards.
    pub fn of(range: &KeyRange) -> Self {
        Self::between(
            KeySelector::first_greater_or_equal(range.begin.as_slice()),
            KeySelector::first_greater_or_equal(range.end.as_slice()),
        )
    }

    /// Every row from the key that `begin` names to before the one that `end` names.
    pub fn between(begin: KeySelector, end: KeySelector) -> Self {
        Self {
            begin,
            end,
            limit: 0,
            bytes_target: 0,
            reverse: false,
        }
    }

    /// At most `rows` rows.
    #[must_use]
    pub fn limit(mut self, rows: usize) -> Self {
        self.limit = rows;
        self
    }

    /// Stop after the row that reaches `bytes`.
    #[must_use]
    pub fn bytes_target(mut self, bytes: usize) -> Self {
        self.bytes_target = bytes;
        self
    }

    /// From the end backwards.
    #[must_use]
    pub fn reverse(mut self) -> Self {
        self.reverse = true;
        self
    }

    /// The read that goes on where `page` stopped; none if nothing is left or the limit is used up.
    pub fn next(&self, page: &Rows) -> Option<Self> {
        let (last, _) = page.rows.last()?;
        if !page.more || (self.limit > 0 && page.rows.len() >= self.limit) {
            return None;
        }
        let mut next = self.clone();
        if self.limit > 0 {
            next.limit = self.limit - page.rows.len();
        }
        if self.reverse {
            next.end = KeySelector::first_greater_or_equal(last.as_slice());
        } else {
            next.begin = KeySelector::first_greater_than(last.as_slice());
        }
        Some(next)
    }
}

/// One page of rows, in the order asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Keys with their values.
    pub rows: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether there may be more; it may be set with nothing left.
    pub more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_before_the_next_one() {
        assert_eq!(KeyRange::prefix(b"ab").end, b"ac");
        assert_eq!(KeyRange::prefix(b"a\xff\xff").end, b"b");
        assert_eq!(KeyRange::prefix(b"").end, b"\xff");
        assert_eq!(KeyRange::prefix(b"\xff").end, b"\xff");
    }

    #[test]
    fn a_single_key_is_a_range_of_one() {
        let range = KeyRange::single(b"k");
        assert!(range.contains(b"k") && !range.contains(b"k\0") && !range.contains(b"j"));
        assert!(!range.is_empty() && KeyRange::new("b", "a").is_empty());
    }

    #[test]
    fn the_next_page_starts_past_the_last_row() {
        let read = RangeRead::of(&KeyRange::new("a", "z")).limit(3);
        let page = Rows {
            rows: vec![(b"c".to_vec(), Vec::new())],
            more: true,
        };
        let next = read.next(&page).expect("more");
        assert_eq!(
            (next.begin.key.as_slice(), next.begin.or_equal, next.limit),
            (b"c".as_slice(), true, 2)
        );
        assert_eq!(read.reverse().next(&page).expect("more").end.key, b"c");
    }
}
