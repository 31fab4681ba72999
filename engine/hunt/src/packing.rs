//! How the parts of a player's state lie in their records: little-endian, one field behind the other, and as narrow as what a log
//! and a hunt can hold.

use crate::{
    Index, Millis, RequestTag, Seq,
    limits::STOCK_MAX,
    player_state::{Guesses, HeldGrant, Score, SolvedClue},
    records::Kind,
    ring::Request,
};

/// Bytes of a sequence: a million events a second take a log past them in nine years.
const SEQ_BYTES: usize = 6;
/// Bytes of a moment. They reach past [`Millis::MAX`]; a clock beyond them reads as their last.
const MOMENT_BYTES: usize = 6;
/// Bytes of how many units of a treasure were granted.
const UNITS_BYTES: usize = 7;

const _: () = assert!(Millis::MAX.0 <= narrow_max(MOMENT_BYTES));
const _: () = assert!(STOCK_MAX <= narrow_max(UNITS_BYTES));

/// The highest number in so many bytes.
const fn narrow_max(bytes: usize) -> u64 {
    u64::MAX >> (64 - 8 * bytes)
}

/// Takes fields off a record, front to back; a record that is too short gives zeros.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        match self.0.split_first_chunk() {
            Some((field, rest)) => {
                self.0 = rest;
                *field
            }
            None => [0; N],
        }
    }

    fn index(&mut self) -> Index {
        Index::from_le_bytes(self.take())
    }

    fn number(&mut self) -> u64 {
        self.narrow::<8>()
    }

    fn narrow<const N: usize>(&mut self) -> u64 {
        let mut bytes = [0; 8];
        if let Some(low) = bytes.first_chunk_mut::<N>() {
            *low = self.take();
        }
        u64::from_le_bytes(bytes)
    }

    fn seq(&mut self) -> Seq {
        self.narrow::<SEQ_BYTES>()
    }

    fn moment(&mut self) -> Millis {
        Millis(self.narrow::<MOMENT_BYTES>())
    }
}

/// Lays fields into a record of a fixed width.
struct Record<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Record<N> {
    fn new() -> Self {
        Self {
            bytes: [0; N],
            len: 0,
        }
    }

    fn with<const F: usize>(mut self, field: [u8; F]) -> Self {
        if let Some(bytes) = self.bytes.get_mut(self.len..self.len + F) {
            bytes.copy_from_slice(&field);
        }
        self.len += F;
        self
    }

    /// A number in `F` bytes; one that needs more becomes the highest that does not.
    fn narrow<const F: usize>(self, number: u64) -> Self {
        let bytes = number.min(narrow_max(F)).to_le_bytes();
        self.with::<F>(bytes.first_chunk().copied().unwrap_or([0; F]))
    }

    fn seq(self, seq: Seq) -> Self {
        self.narrow::<SEQ_BYTES>(seq)
    }

    fn moment(self, at: Millis) -> Self {
        self.narrow::<MOMENT_BYTES>(at.0)
    }
}

pub(crate) fn pack_score(score: Score) -> [u8; Kind::Score.width()] {
    let Score {
        points,
        board_points,
        ranked,
    } = score;
    Record::new()
        .with(points.to_le_bytes())
        .with(board_points.to_le_bytes())
        .with(ranked.to_le_bytes())
        .bytes
}

pub(crate) fn unpack_score(record: &[u8]) -> Score {
    let mut fields = Fields(record);
    Score {
        points: fields.number(),
        board_points: fields.number(),
        ranked: u16::from_le_bytes(fields.take()),
    }
}

pub(crate) fn pack_solve(solved: SolvedClue) -> [u8; Kind::Solve.width()] {
    let SolvedClue { clue, seq, at } = solved;
    let record = Record::new().with(clue.to_le_bytes());
    record.seq(seq).moment(at).bytes
}

pub(crate) fn unpack_solve(record: &[u8]) -> SolvedClue {
    let mut fields = Fields(record);
    SolvedClue {
        clue: fields.index(),
        seq: fields.seq(),
        at: fields.moment(),
    }
}

pub(crate) fn pack_guess(guesses: Guesses) -> [u8; Kind::Guess.width()] {
    let Guesses { clue, used, at } = guesses;
    Record::new()
        .with(clue.to_le_bytes())
        .with(used.to_le_bytes())
        .moment(at)
        .bytes
}

pub(crate) fn unpack_guess(record: &[u8]) -> Guesses {
    let mut fields = Fields(record);
    Guesses {
        clue: fields.index(),
        used: u32::from_le_bytes(fields.take()),
        at: fields.moment(),
    }
}

/// The place is not kept: it derives from the order.
pub(crate) fn pack_grant(grant: HeldGrant) -> [u8; Kind::Grant.width()] {
    let HeldGrant {
        treasure,
        nth,
        seq,
        at,
        place: _,
    } = grant;
    let record = Record::new().with(treasure.to_le_bytes());
    let record = record.narrow::<UNITS_BYTES>(nth);
    record.seq(seq).moment(at).bytes
}

pub(crate) fn unpack_grant(record: &[u8]) -> HeldGrant {
    let mut fields = Fields(record);
    HeldGrant {
        treasure: fields.index(),
        nth: fields.narrow::<UNITS_BYTES>(),
        seq: fields.seq(),
        at: fields.moment(),
        place: 0,
    }
}

pub(crate) fn pack_request(request: Request) -> [u8; Kind::Request.width()] {
    let Request {
        tag: RequestTag { id, fingerprint },
        seq,
    } = request;
    Record::new()
        .with(id.to_le_bytes())
        .with(fingerprint.to_le_bytes())
        .seq(seq)
        .bytes
}

pub(crate) fn unpack_request(record: &[u8]) -> Request {
    let mut fields = Fields(record);
    let tag = RequestTag {
        id: fields.number(),
        fingerprint: fields.number(),
    };
    Request {
        tag,
        seq: fields.seq(),
    }
}

#[cfg(test)]
mod tests {
    use super::{narrow_max, pack_grant, pack_request, pack_solve};
    use super::{unpack_grant, unpack_request, unpack_solve};
    use crate::{Millis, RequestTag, limits::STOCK_MAX, ring::Request};
    use crate::{player_state::HeldGrant, player_state::SolvedClue};

    #[test]
    fn the_highest_that_can_be_is_kept() {
        let grant = HeldGrant {
            treasure: u16::MAX,
            nth: STOCK_MAX,
            seq: narrow_max(6),
            at: Millis::MAX,
            place: 0,
        };
        assert_eq!(unpack_grant(&pack_grant(grant)), grant);
        let request = Request {
            tag: RequestTag {
                id: u64::MAX,
                fingerprint: u64::MAX - 1,
            },
            seq: narrow_max(6),
        };
        assert_eq!(unpack_request(&pack_request(request)), request);
    }

    #[test]
    fn a_clock_past_all_moments_stands_still() {
        let solved = |at| SolvedClue {
            clue: 1,
            seq: 2,
            at,
        };
        let kept = unpack_solve(&pack_solve(solved(Millis(u64::MAX))));
        assert_eq!(kept, solved(Millis(narrow_max(6))));
        assert_eq!(kept.at.to_string(), Millis::MAX.to_string());
    }
}
