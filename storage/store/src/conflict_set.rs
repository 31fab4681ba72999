//! The read or write conflict ranges of one transaction, in one piece of memory.

use std::ops::Bound;

use crate::limits::{CONFLICT_RANGE_OVERHEAD_BYTES, TRANSACTION_BYTES_MAX};

/// Below so many ranges a set is never rewritten.
const COALESCE_RANGES_MIN: usize = 64;

/// Past so many bytes a set is merged; if that does not halve it, no commit can take it.
const SET_BYTES_MAX: usize = 4 * TRANSACTION_BYTES_MAX;

const _: () = assert!(
    SET_BYTES_MAX / 2 > TRANSACTION_BYTES_MAX,
    "what a commit could take is never forgotten"
);
const _: () = assert!(
    SET_BYTES_MAX < (u32::MAX / 2) as usize,
    "a set indexes its bytes with 32 bits"
);

/// Ranges of keys, packed: adding one costs a copy of its bytes, no allocation of its own.
///
/// Ranges that are added over and over (a loop that reads one key) are merged each time the set has
/// doubled, so it grows with what was touched, not with how often. A set that no commit could take any
/// more (a long transaction that only reads) forgets its ranges and says that it is too large.
#[derive(Clone, Debug, Default)]
pub struct ConflictSet {
    bytes: Vec<u8>,
    spans: Vec<Span>,
    coalesced: usize,
    is_too_large: bool,
}

/// One range of a [`ConflictSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConflictRange<'a> {
    /// The first key.
    pub begin: &'a [u8],
    /// The first key past the range.
    pub end: &'a [u8],
}

impl<'a> ConflictRange<'a> {
    pub(crate) fn bounds(&self) -> (Bound<&'a [u8]>, Bound<&'a [u8]>) {
        (Bound::Included(self.begin), Bound::Excluded(self.end))
    }

    /// Whether the range is exactly the key `begin`.
    pub fn is_single(&self) -> bool {
        self.end.len() == self.begin.len() + 1
            && self.end.starts_with(self.begin)
            && self.end.ends_with(&[0])
    }
}

/// Where a range's two keys lie in `bytes`. A single key shares its bytes with its end.
#[derive(Clone, Copy, Debug)]
struct Span {
    begin: [u32; 2],
    end: [u32; 2],
}

impl ConflictSet {
    /// Adds exactly `key`.
    pub fn add_key(&mut self, key: &[u8]) {
        if !self.is_too_large {
            self.append_key(key);
            self.keep_small();
        }
    }

    /// Adds the keys from `begin` to before `end`; nothing if there are none.
    pub fn add(&mut self, begin: &[u8], end: &[u8]) {
        if begin < end && !self.is_too_large {
            self.append(begin, end);
            self.keep_small();
        }
    }

    /// The ranges. They may overlap.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = ConflictRange<'_>> {
        self.spans.iter().map(|span| self.range(*span))
    }

    /// How many ranges.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty() && !self.is_too_large
    }

    /// What the set counts towards the size of its transaction, as FoundationDB counts it; `usize::MAX`
    /// once it is too large for any.
    pub fn size_bytes(&self) -> usize {
        if self.is_too_large {
            return usize::MAX;
        }
        let keys: usize = self
            .iter()
            .map(|range| range.begin.len() + range.end.len())
            .sum();
        keys + self.spans.len() * CONFLICT_RANGE_OVERHEAD_BYTES
    }

    /// Merges ranges that meet.
    pub fn coalesce(&mut self) {
        let mut merged = Self::default();
        {
            let mut ranges: Vec<ConflictRange<'_>> = self.iter().collect();
            ranges.sort_unstable();
            let mut open: Option<ConflictRange<'_>> = None;
            for range in ranges {
                match &mut open {
                    Some(last) if range.begin <= last.end => last.end = last.end.max(range.end),
                    _ => merged.extend(open.replace(range)),
                }
            }
            merged.extend(open);
        }
        merged.coalesced = merged.spans.len();
        merged.is_too_large = self.is_too_large;
        *self = merged;
    }

    fn extend(&mut self, range: Option<ConflictRange<'_>>) {
        match range {
            Some(range) if range.is_single() => self.append_key(range.begin),
            Some(range) => self.append(range.begin, range.end),
            None => {}
        }
    }

    fn append_key(&mut self, key: &[u8]) {
        let start = self.position();
        self.bytes.extend_from_slice(key);
        let key_end = self.position();
        self.bytes.push(0);
        self.spans.push(Span {
            begin: [start, key_end],
            end: [start, self.position()],
        });
    }

    fn append(&mut self, begin: &[u8], end: &[u8]) {
        let start = self.position();
        self.bytes.extend_from_slice(begin);
        let middle = self.position();
        self.bytes.extend_from_slice(end);
        self.spans.push(Span {
            begin: [start, middle],
            end: [middle, self.position()],
        });
    }

    /// Merges a set that has doubled, forgets one that no commit can take.
    fn keep_small(&mut self) {
        if self.spans.len() < 2 * self.coalesced.max(COALESCE_RANGES_MIN)
            && self.bytes.len() <= SET_BYTES_MAX
        {
            return;
        }
        self.coalesce();
        if self.bytes.len() > SET_BYTES_MAX / 2 {
            *self = Self {
                is_too_large: true,
                ..Self::default()
            };
        }
    }

    fn position(&self) -> u32 {
        u32::try_from(self.bytes.len()).expect("a set is far smaller than 4 GiB")
    }

    fn range(&self, span: Span) -> ConflictRange<'_> {
        let cut = |[from, to]: [u32; 2]| &self.bytes[from as usize..to as usize];
        ConflictRange {
            begin: cut(span.begin),
            end: cut(span.end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(set: &ConflictSet) -> Vec<(&[u8], &[u8])> {
        set.iter().map(|range| (range.begin, range.end)).collect()
    }

    #[test]
    fn ranges_come_out_as_they_went_in() {
        let mut set = ConflictSet::default();
        set.add_key(b"k");
        set.add(b"a", b"c");
        set.add(b"c", b"c");
        assert_eq!(
            ranges(&set),
            [(&b"k"[..], &b"k\0"[..]), (&b"a"[..], &b"c"[..])]
        );
        assert_eq!(
            set.iter()
                .map(|range| range.is_single())
                .collect::<Vec<_>>(),
            [true, false]
        );
        assert_eq!(
            set.size_bytes(),
            1 + 2 + 1 + 1 + 2 * CONFLICT_RANGE_OVERHEAD_BYTES
        );
    }

    #[test]
    fn ranges_that_meet_are_merged() {
        let mut set = ConflictSet::default();
        for (begin, end) in [(b"d", b"f"), (b"a", b"b"), (b"b", b"c"), (b"e", b"g")] {
            set.add(begin, end);
        }
        set.add_key(b"x");
        set.coalesce();
        assert_eq!(
            ranges(&set),
            [
                (&b"a"[..], &b"c"[..]),
                (&b"d"[..], &b"g"[..]),
                (&b"x"[..], &b"x\0"[..])
            ]
        );
    }

    #[test]
    fn reading_one_key_forever_takes_no_memory() {
        let mut set = ConflictSet::default();
        for _ in 0..10_000 {
            set.add_key(b"k");
        }
        assert!(set.len() <= 2 * COALESCE_RANGES_MIN, "{}", set.len());
        set.coalesce();
        assert_eq!(set.len(), 1);
    }

    #[test]
    fn a_set_that_no_commit_takes_is_forgotten() {
        let mut set = ConflictSet::default();
        for number in 0..9_000u32 {
            set.add_key(&[number.to_be_bytes().as_slice(), &[7; 9_000]].concat());
        }
        assert_eq!(
            (set.len(), set.is_empty(), set.size_bytes()),
            (0, false, usize::MAX)
        );
        set.add(b"a", b"b");
        assert_eq!(set.len(), 0);
    }
}
