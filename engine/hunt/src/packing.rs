//! How the parts of a player's state lie in their records: little-endian, one field behind the other.

use crate::{
    Index, Millis, RequestTag,
    player_state::{Guesses, HeldGrant, Score, SolvedClue},
    ring::Request,
};

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
        u64::from_le_bytes(self.take())
    }

    fn moment(&mut self) -> Millis {
        Millis(self.number())
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
}

pub(crate) fn pack_score(score: Score) -> [u8; 18] {
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

pub(crate) fn pack_solve(solved: SolvedClue) -> [u8; 18] {
    let SolvedClue { clue, seq, at } = solved;
    Record::new()
        .with(clue.to_le_bytes())
        .with(seq.to_le_bytes())
        .with(at.0.to_le_bytes())
        .bytes
}

pub(crate) fn unpack_solve(record: &[u8]) -> SolvedClue {
    let mut fields = Fields(record);
    SolvedClue {
        clue: fields.index(),
        seq: fields.number(),
        at: fields.moment(),
    }
}

pub(crate) fn pack_guess(guesses: Guesses) -> [u8; 14] {
    let Guesses { clue, used, at } = guesses;
    Record::new()
        .with(clue.to_le_bytes())
        .with(used.to_le_bytes())
        .with(at.0.to_le_bytes())
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
pub(crate) fn pack_grant(grant: HeldGrant) -> [u8; 26] {
    let HeldGrant {
        treasure,
        nth,
        seq,
        at,
        place: _,
    } = grant;
    let record = Record::new()
        .with(treasure.to_le_bytes())
        .with(nth.to_le_bytes());
    record
        .with(seq.to_le_bytes())
        .with(at.0.to_le_bytes())
        .bytes
}

pub(crate) fn unpack_grant(record: &[u8]) -> HeldGrant {
    let mut fields = Fields(record);
    let (treasure, nth) = (fields.index(), fields.number());
    HeldGrant {
        treasure,
        nth,
        seq: fields.number(),
        at: fields.moment(),
        place: 0,
    }
}

pub(crate) fn pack_request(request: Request) -> [u8; 24] {
    let Request {
        tag: RequestTag { id, fingerprint },
        seq,
    } = request;
    Record::new()
        .with(id.to_le_bytes())
        .with(fingerprint.to_le_bytes())
        .with(seq.to_le_bytes())
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
        seq: fields.number(),
    }
}
