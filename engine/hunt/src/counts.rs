//! How many records of each kind there are: one small number, a few bits of it for each kind.

use crate::limits::{CLUES_MAX, GRANTS_PER_PLAYER_MAX, REQUESTS_PER_PLAYER_MAX};
use crate::records::Kind;

/// The counts of all kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts(u64);

impl Kind {
    /// Bits of its count.
    const fn bits(self) -> usize {
        match self {
            Self::Score => 1,
            Self::Solve | Self::Guess => 10,
            Self::Grant => 11,
            Self::Request => 6,
        }
    }

    /// Bits of the counts before its own.
    const fn shift(self) -> usize {
        SHIFTS[self as usize]
    }

    /// The highest count.
    const fn count_max(self) -> usize {
        (1 << self.bits()) - 1
    }
}

const SHIFTS: [usize; Kind::ALL.len()] = {
    let mut shifts = [0; Kind::ALL.len()];
    let mut kind = 1;
    while kind < shifts.len() {
        shifts[kind] = shifts[kind - 1] + Kind::ALL[kind - 1].bits();
        kind += 1;
    }
    shifts
};

const _: () = assert!(
    Kind::Request.shift() + Kind::Request.bits() <= 8 * Counts::BYTES,
    "there is room for all counts"
);
const _: () = assert!(
    Kind::Solve.count_max() >= CLUES_MAX && Kind::Guess.count_max() >= CLUES_MAX,
    "each clue can be solved, and guessed at"
);
const _: () = assert!(
    Kind::Grant.count_max() as u64 >= GRANTS_PER_PLAYER_MAX,
    "all grants of a player can be counted"
);
const _: () = assert!(
    Kind::Request.count_max() >= REQUESTS_PER_PLAYER_MAX,
    "all remembered requests can be counted"
);

impl Counts {
    /// Bytes that they take.
    pub(crate) const BYTES: usize = 5;

    /// Those that stand in front of records; none where there are no records.
    pub(crate) fn at_front(bytes: &[u8]) -> Self {
        let [a, b, c, d, e]: [u8; Self::BYTES] = bytes.first_chunk().copied().unwrap_or_default();
        Self(u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]))
    }

    /// To stand in front of the records.
    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        let [a, b, c, d, e, ..] = self.0.to_le_bytes();
        [a, b, c, d, e]
    }

    /// How many there are of a kind.
    pub(crate) const fn of(self, kind: Kind) -> usize {
        (self.0 >> kind.shift()) as usize & kind.count_max()
    }

    /// So many more of a kind; none if they can't be counted, which are more than any hunt allows.
    pub(crate) fn with_more(self, kind: Kind, more: usize) -> Option<Self> {
        let is_counted = self.of(kind) + more <= kind.count_max();
        is_counted.then(|| Self(self.0 + ((more as u64) << kind.shift())))
    }

    /// Where the records of a kind begin.
    pub(crate) fn start(self, kind: Kind) -> usize {
        let before = Kind::ALL.into_iter().take(kind as usize);
        let widths = before.map(|kind| self.of(kind) * kind.width());
        Self::BYTES + widths.sum::<usize>()
    }

    /// Where they end.
    pub(crate) fn end(self, kind: Kind) -> usize {
        self.start(kind) + self.of(kind) * kind.width()
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, Kind};

    #[test]
    fn no_count_touches_another() {
        let mut counts = Counts::default();
        for (at, kind) in Kind::ALL.into_iter().enumerate() {
            let max = kind.count_max();
            assert_eq!(counts.with_more(kind, max + 1), None);
            counts = counts.with_more(kind, max).expect("as many as fit");
            assert_eq!(counts.with_more(kind, 1), None);
            assert_eq!(Counts::at_front(&counts.to_bytes()), counts);
            for (other_at, other) in Kind::ALL.into_iter().enumerate() {
                let expected = if other_at <= at { other.count_max() } else { 0 };
                assert_eq!(counts.of(other), expected, "{other:?} after {kind:?}");
            }
        }
    }

    #[test]
    fn records_lie_one_kind_behind_the_other() {
        let counts = Counts::default().with_more(Kind::Solve, 2);
        let counts = counts.and_then(|counts| counts.with_more(Kind::Grant, 1));
        let counts = counts.expect("they can be counted");
        let solves = Counts::BYTES + 2 * Kind::Solve.width();
        assert_eq!(counts.start(Kind::Solve), Counts::BYTES);
        assert_eq!(counts.end(Kind::Solve), solves);
        assert_eq!(counts.start(Kind::Grant), solves);
        assert_eq!(counts.end(Kind::Request), solves + Kind::Grant.width());
    }
}
