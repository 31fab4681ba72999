//! Entries one behind the other in memory that is taken in pieces and never moves.

/// What is taken at once. An entry lies in one piece: keys and values are far shorter.
const PIECE_BYTES: usize = 1 << PIECE_BITS;
const PIECE_BITS: u32 = 20;

/// The length of an entry's fields before its key.
const HEAD_BYTES: usize = 4 + 8 + 2 + 4;

/// In place of an older entry: there is none.
const NO_ENTRY: u32 = u32::MAX;

/// In place of a value's length: the key is cleared.
const CLEARED: u32 = u32::MAX;

/// Where an entry lies: the piece, and the place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At(u32);

/// What a group of commits wrote under one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    /// What was written under this key before, if that is here too.
    pub(super) older: Option<At>,
    /// The group.
    pub(super) seqno: u64,
    pub(super) key: &'a [u8],
    /// None is a cleared key.
    pub(super) value: Option<&'a [u8]>,
}

/// The entries.
#[derive(Debug, Default)]
pub(super) struct Arena(Vec<Vec<u8>>);

impl Arena {
    /// Adds an entry; its value comes in two parts.
    ///
    /// # Panics
    ///
    /// Past 4 GiB, and with keys or values beyond what FoundationDB's model allows.
    pub(super) fn push(
        &mut self,
        older: Option<At>,
        seqno: u64,
        key: &[u8],
        value: Option<[&[u8]; 2]>,
    ) -> At {
        let value_len = value.map(|[value, end]| value.len() + end.len());
        let bytes = HEAD_BYTES + key.len() + value_len.unwrap_or(0);
        assert!(bytes <= PIECE_BYTES, "an entry lies in one piece");
        let key_len = u16::try_from(key.len()).expect("keys are shorter");
        let value_len = value_len.map_or(CLEARED, |len| {
            u32::try_from(len).expect("it fits into a piece")
        });
        let piece = self.piece_for(bytes);
        let at = At::new(piece, self.0[piece].len());
        let piece = &mut self.0[piece];
        piece.extend_from_slice(&older.map_or(NO_ENTRY, |At(at)| at).to_le_bytes());
        piece.extend_from_slice(&seqno.to_le_bytes());
        piece.extend_from_slice(&key_len.to_le_bytes());
        piece.extend_from_slice(&value_len.to_le_bytes());
        piece.extend_from_slice(key);
        value
            .into_iter()
            .flatten()
            .for_each(|part| piece.extend_from_slice(part));
        at
    }

    /// The entry at `at`.
    pub(super) fn entry(&self, at: At) -> Entry<'_> {
        let bytes = at.within(&self.0);
        let (older, bytes) = take(bytes);
        let (seqno, bytes) = take(bytes);
        let (key_len, bytes) = take(bytes);
        let (value_len, bytes) = take(bytes);
        let (key, bytes) = bytes.split_at(u16::from_le_bytes(key_len).into());
        let older = u32::from_le_bytes(older);
        let value_len = u32::from_le_bytes(value_len);
        Entry {
            older: (older != NO_ENTRY).then_some(At(older)),
            seqno: u64::from_le_bytes(seqno),
            key,
            value: (value_len != CLEARED).then(|| &bytes[..value_len as usize]),
        }
    }

    /// The key of the entry at `at`.
    pub(super) fn key(&self, at: At) -> &[u8] {
        self.entry(at).key
    }

    /// The memory that the entries take.
    pub(super) fn bytes(&self) -> usize {
        let full = self.0.len().saturating_sub(1) * PIECE_BYTES;
        full + self.0.last().map_or(0, Vec::len)
    }

    /// The piece that has `bytes` left.
    fn piece_for(&mut self, bytes: usize) -> usize {
        let has_room = |piece: &Vec<u8>| piece.len() + bytes <= PIECE_BYTES;
        if !self.0.last().is_some_and(has_room) {
            self.0.push(Vec::with_capacity(PIECE_BYTES));
        }
        self.0.len() - 1
    }
}

impl At {
    fn new(piece: usize, place: usize) -> Self {
        let piece = u32::try_from(piece)
            .ok()
            .filter(|&piece| piece < 1 << (u32::BITS - PIECE_BITS));
        let piece = piece.expect("a buffer takes less than 4 GiB");
        let place = u32::try_from(place).expect("a piece is smaller than that");
        Self(piece << PIECE_BITS | place)
    }

    fn within(self, pieces: &[Vec<u8>]) -> &[u8] {
        let place = self.0 & (PIECE_BYTES as u32 - 1);
        &pieces[(self.0 >> PIECE_BITS) as usize][place as usize..]
    }
}

fn take<const N: usize>(bytes: &[u8]) -> ([u8; N], &[u8]) {
    let (taken, rest) = bytes
        .split_first_chunk()
        .expect("an entry was written whole");
    (*taken, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_as_they_were_written_from_whichever_piece() {
        let mut arena = Arena::default();
        let value = vec![7; 100_000];
        let written: Vec<At> = (0..30u64)
            .map(|n| {
                let value = (n % 3 != 0).then_some([value.as_slice(), b"end"]);
                arena.push((n > 0).then_some(At(n as u32)), n, &[n as u8; 9], value)
            })
            .collect();
        assert_eq!(arena.0.len(), 2);
        for (at, n) in written.into_iter().zip(0u64..) {
            let entry = arena.entry(at);
            assert_eq!(entry.older, (n > 0).then_some(At(n as u32)));
            assert_eq!((entry.seqno, entry.key), (n, [n as u8; 9].as_slice()));
            let whole = [value.as_slice(), b"end"].concat();
            assert_eq!(entry.value, (n % 3 != 0).then_some(whole.as_slice()));
        }
        assert!(arena.bytes() > 20 * 100_000 && arena.bytes() < 2 * PIECE_BYTES);
    }

    #[test]
    fn an_empty_value_is_not_a_cleared_key() {
        let mut arena = Arena::default();
        let at = arena.push(None, 1, b"k", Some([b"", b""]));
        assert_eq!(arena.entry(at).value, Some(b"".as_slice()));
    }
}
