//! Records of fixed width, of several kinds, in one allocation without slack. There are millions of players in memory
//! and most did little, so a list of its own for each kind would cost more than what is in it.
//!
//! ```text
//! [counts][score][solve solve …][guess …][grant …][request request …]
//! ```

use crate::counts::Counts;

/// The kinds of records, in the order in which they lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Points, of who has solved something.
    Score,
    /// A solved clue.
    Solve,
    /// Wrong guesses at a clue.
    Guess,
    /// A unit of a treasure.
    Grant,
    /// A request that took effect.
    Request,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [
        Self::Score,
        Self::Solve,
        Self::Guess,
        Self::Grant,
        Self::Request,
    ];
}

impl Kind {
    /// Bytes of one record.
    pub(crate) const fn width(self) -> usize {
        match self {
            Self::Score => 18,
            Self::Solve => 14,
            Self::Guess => 12,
            Self::Grant => 21,
            Self::Request => 22,
        }
    }
}

/// Records of fixed width. Indexing past the end gives nothing, and never panics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Records {
    /// Nothing at all while there are no records.
    bytes: Box<[u8]>,
}

impl Records {
    /// How many there are of a kind.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.counts().of(kind)
    }

    /// The bytes of one.
    pub(crate) fn get(&self, kind: Kind, index: usize) -> &[u8] {
        self.section(kind)
            .get(index * kind.width()..(index + 1) * kind.width())
            .unwrap_or_default()
    }

    /// All of a kind, in order.
    pub(crate) fn all(
        &self,
        kind: Kind,
    ) -> impl DoubleEndedIterator<Item = &[u8]> + ExactSizeIterator {
        self.section(kind).chunks_exact(kind.width())
    }

    /// Adds one behind the others of its kind.
    pub(crate) fn push<const N: usize>(&mut self, kind: Kind, record: [u8; N]) {
        self.fill(kind, std::iter::once(record));
    }

    /// Adds several behind the others of their kind, with one allocation. Past what can be counted of a kind, more than any
    /// hunt allows, they are left out.
    pub(crate) fn fill<const N: usize>(
        &mut self,
        kind: Kind,
        records: impl ExactSizeIterator<Item = [u8; N]>,
    ) {
        let mut bytes = self.grown(records.len() * N);
        insert(&mut bytes, kind, records);
        self.bytes = bytes.into_boxed_slice();
    }

    /// Adds a grant and the request that won it, with one allocation: what most players do once, and no more.
    pub(crate) fn push_claim<const G: usize, const R: usize>(
        &mut self,
        grant: [u8; G],
        request: [u8; R],
    ) {
        let mut bytes = self.grown(G + R);
        insert(&mut bytes, Kind::Grant, std::iter::once(grant));
        insert(&mut bytes, Kind::Request, std::iter::once(request));
        self.bytes = bytes.into_boxed_slice();
    }

    /// Takes the bytes out, with room for so many more.
    fn grown(&mut self, more: usize) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.bytes).into_vec();
        if more == 0 {
            return bytes;
        }
        let head = if bytes.is_empty() { Counts::BYTES } else { 0 };
        bytes.reserve_exact(head + more);
        bytes.resize(bytes.len() + head, 0);
        bytes
    }

    /// Puts one in the place of another.
    pub(crate) fn replace<const N: usize>(&mut self, kind: Kind, index: usize, record: [u8; N]) {
        assert_eq!(N, kind.width(), "a record has the width of its kind");
        let counts = self.counts();
        let place = counts.start(kind) + index * N;
        if index < counts.of(kind)
            && let Some(bytes) = self.bytes.get_mut(place..place + N)
        {
            bytes.copy_from_slice(&record);
        }
    }

    /// Drops the oldest of a kind and adds one, in the same bytes.
    pub(crate) fn rotate<const N: usize>(&mut self, kind: Kind, record: [u8; N]) {
        let section = self.range(kind);
        if let Some(bytes) = self.bytes.get_mut(section).filter(|bytes| bytes.len() >= N) {
            bytes.rotate_left(N);
        }
        self.replace(kind, self.count(kind).saturating_sub(1), record);
    }

    /// Bytes on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.bytes.len()
    }

    fn section(&self, kind: Kind) -> &[u8] {
        self.bytes.get(self.range(kind)).unwrap_or_default()
    }

    fn range(&self, kind: Kind) -> std::ops::Range<usize> {
        let counts = self.counts();
        counts.start(kind)..counts.end(kind)
    }

    fn counts(&self) -> Counts {
        Counts::at_front(&self.bytes)
    }
}

/// Puts records behind the others of their kind, if they can be counted.
fn insert<const N: usize>(
    bytes: &mut Vec<u8>,
    kind: Kind,
    records: impl ExactSizeIterator<Item = [u8; N]>,
) {
    assert_eq!(N, kind.width(), "a record has the width of its kind");
    let counts = Counts::at_front(bytes);
    let end = counts.end(kind);
    if let Some(counts) = counts.with_more(kind, records.len())
        && let Some(front) = bytes.first_chunk_mut()
    {
        *front = counts.to_bytes();
        let before = bytes.len();
        records.for_each(|record| bytes.extend_from_slice(&record));
        let more = bytes.len() - before;
        if let Some(behind) = bytes.get_mut(end..) {
            behind.rotate_right(more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, Kind, Records};

    #[test]
    fn each_kind_keeps_its_own_order() {
        let mut records = Records::default();
        for n in 1..=3 {
            records.push(Kind::Request, [n; 22]);
            records.push(Kind::Solve, [10 + n; 14]);
            records.push(Kind::Grant, [20 + n; 21]);
            records.push(Kind::Guess, [30 + n; 12]);
        }
        let firsts = |kind| {
            records
                .all(kind)
                .map(|record| record[0])
                .collect::<Vec<_>>()
        };
        assert_eq!(firsts(Kind::Solve), [11, 12, 13]);
        assert_eq!(firsts(Kind::Guess), [31, 32, 33]);
        assert_eq!(firsts(Kind::Grant), [21, 22, 23]);
        assert_eq!(firsts(Kind::Request), [1, 2, 3]);
        assert_eq!(
            records.heap_bytes(),
            Counts::BYTES + 3 * (14 + 12 + 21 + 22)
        );
    }

    #[test]
    fn replaces_and_rotates_in_place() {
        let mut records = Records::default();
        (1..=3).for_each(|n| records.push(Kind::Guess, [n; 12]));
        (1..=3).for_each(|n| records.push(Kind::Request, [n; 22]));
        records.replace(Kind::Guess, 1, [9; 12]);
        records.rotate(Kind::Request, [4; 22]);
        assert_eq!(
            records
                .all(Kind::Guess)
                .map(|record| record[0])
                .collect::<Vec<_>>(),
            [1, 9, 3]
        );
        assert_eq!(
            records
                .all(Kind::Request)
                .map(|record| record[0])
                .collect::<Vec<_>>(),
            [2, 3, 4]
        );
        assert_eq!(records.get(Kind::Request, 2), [4; 22]);
    }

    #[test]
    fn a_claim_is_a_grant_and_its_request() {
        let (mut together, mut apart) = (Records::default(), Records::default());
        for n in 1..=2 {
            together.push_claim([n; 21], [10 + n; 22]);
            apart.push(Kind::Request, [10 + n; 22]);
            apart.push(Kind::Grant, [n; 21]);
        }
        assert_eq!(together, apart);
    }

    #[test]
    fn nothing_takes_nothing() {
        let mut records = Records::default();
        records.fill(Kind::Solve, std::iter::empty::<[u8; 14]>());
        assert_eq!(records, Records::default());
        assert_eq!(records.heap_bytes(), 0);
    }

    #[test]
    fn past_the_end_is_nothing() {
        let mut records = Records::default();
        records.rotate(Kind::Request, [1; 22]);
        records.replace(Kind::Solve, 5, [1; 14]);
        assert!(records.get(Kind::Solve, 0).is_empty());
        assert_eq!(records, Records::default());
    }
}
