//! The bytes of one record: a header that checks itself, and the writes of one group.

/// One write of a group: the key, and its value or none if it was cleared.
pub(crate) type Write = (Vec<u8>, Option<Vec<u8>>);

/// The length of a record's header.
pub(crate) const RECORD_HEADER_LEN: usize = 48;

/// Records begin at multiples of this.
pub(crate) const RECORD_ALIGN: usize = 8;

/// The first bytes of a record's header.
pub(crate) const RECORD_MAGIC: [u8; 4] = *b"hREC";

const CHECKED_LEN: usize = RECORD_HEADER_LEN - 4;
const CLEARED: u32 = u32::MAX;

const _: () = assert!(
    RECORD_HEADER_LEN.is_multiple_of(RECORD_ALIGN),
    "a header alone keeps the alignment"
);
const _: () = assert!(
    store::limits::KEY_BYTES_MAX <= u16::MAX as usize,
    "a key's length has two bytes"
);

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The writes of a group.
    Group = 1,
    /// Not a step of the log: says that the group before it was synced.
    Synced = 2,
    /// The log goes on in the next segment.
    GoesOn = 3,
}

/// The header of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// What follows.
    pub(crate) kind: Kind,
    /// The bytes that follow.
    pub(crate) payload_len: u32,
    /// Their checksum.
    pub(crate) payload_crc: u32,
    /// The group's number in the tables.
    pub(crate) seqno: u64,
    /// The number of the group before it.
    pub(crate) seqno_before: u64,
    /// The group's commit version.
    pub(crate) version: i64,
}

impl Header {
    /// The header's bytes. They are good at one place only: stale copies elsewhere do not check.
    pub(crate) fn encode(&self, segment: u64, offset: u64) -> [u8; RECORD_HEADER_LEN] {
        let mut bytes = [0; RECORD_HEADER_LEN];
        bytes[..4].copy_from_slice(&RECORD_MAGIC);
        bytes[4] = self.kind as u8;
        bytes[8..12].copy_from_slice(&self.payload_len.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.payload_crc.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.seqno.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.seqno_before.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.version.to_le_bytes());
        let crc = header_crc(&bytes[..CHECKED_LEN], segment, offset);
        bytes[CHECKED_LEN..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The header at `offset` of `segment`, if `bytes` begin with one that was written there.
    pub(crate) fn decode(bytes: &[u8], segment: u64, offset: u64) -> Option<Self> {
        let bytes: &[u8; RECORD_HEADER_LEN] = bytes.first_chunk()?;
        let crc = u32::from_le_bytes(field(bytes, CHECKED_LEN));
        if bytes[..4] != RECORD_MAGIC || crc != header_crc(&bytes[..CHECKED_LEN], segment, offset) {
            return None;
        }
        let kind = match bytes[4] {
            1 => Kind::Group,
            2 => Kind::Synced,
            3 => Kind::GoesOn,
            _ => return None,
        };
        Some(Self {
            kind,
            payload_len: u32::from_le_bytes(field(bytes, 8)),
            payload_crc: u32::from_le_bytes(field(bytes, 12)),
            seqno: u64::from_le_bytes(field(bytes, 16)),
            seqno_before: u64::from_le_bytes(field(bytes, 24)),
            version: i64::from_le_bytes(field(bytes, 32)),
        })
    }

    /// The bytes from this record to the next one.
    pub(crate) fn record_len(&self) -> usize {
        aligned(RECORD_HEADER_LEN + self.payload_len as usize)
    }
}

/// The bytes that `writes` take as a payload.
pub(crate) fn payload_len<'a>(
    writes: impl IntoIterator<Item = (&'a Vec<u8>, &'a Option<Vec<u8>>)>,
) -> usize {
    writes
        .into_iter()
        .map(|(key, value)| 6 + key.len() + value.as_ref().map_or(0, Vec::len))
        .sum()
}

/// Appends `writes` to `buffer`.
pub(crate) fn encode_payload<'a>(
    buffer: &mut Vec<u8>,
    writes: impl IntoIterator<Item = (&'a Vec<u8>, &'a Option<Vec<u8>>)>,
) {
    for (key, value) in writes {
        let key_len = u16::try_from(key.len()).expect("the session refuses keys past 10,000 bytes");
        let value_len = value.as_ref().map_or(CLEARED, |value| {
            u32::try_from(value.len()).expect("the session refuses values past 100,000 bytes")
        });
        buffer.extend_from_slice(&key_len.to_le_bytes());
        buffer.extend_from_slice(&value_len.to_le_bytes());
        buffer.extend_from_slice(key);
        buffer.extend_from_slice(value.as_deref().unwrap_or_default());
    }
}

/// The writes in `payload`; none if it is not a whole number of them.
pub(crate) fn decode_payload(mut payload: &[u8]) -> Option<Vec<Write>> {
    let mut writes = Vec::new();
    while !payload.is_empty() {
        let key_len = u16::from_le_bytes(*payload.first_chunk()?) as usize;
        let value_len = u32::from_le_bytes(*payload.get(2..)?.first_chunk()?);
        let rest = payload.get(6..)?;
        let key = rest.get(..key_len)?.to_vec();
        let rest = rest.get(key_len..)?;
        if value_len == CLEARED {
            writes.push((key, None));
            payload = rest;
        } else {
            writes.push((key, Some(rest.get(..value_len as usize)?.to_vec())));
            payload = rest.get(value_len as usize..)?;
        }
    }
    Some(writes)
}

/// `len`, up to the next place where a record may begin.
pub(crate) fn aligned(len: usize) -> usize {
    len.next_multiple_of(RECORD_ALIGN)
}

fn header_crc(checked: &[u8], segment: u64, offset: u64) -> u32 {
    let place = crc32c::crc32c_append(
        crc32c::crc32c(&segment.to_le_bytes()),
        &offset.to_le_bytes(),
    );
    crc32c::crc32c_append(place, checked)
}

fn field<const LEN: usize>(bytes: &[u8; RECORD_HEADER_LEN], at: usize) -> [u8; LEN] {
    let mut field = [0; LEN];
    field.copy_from_slice(&bytes[at..at + LEN]);
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header = Header {
        kind: Kind::Group,
        payload_len: 11,
        payload_crc: 7,
        seqno: 9,
        seqno_before: 6,
        version: 1_000,
    };

    #[test]
    fn a_header_is_good_at_its_own_place_only() {
        let bytes = HEADER.encode(3, 4096);
        assert_eq!(Header::decode(&bytes, 3, 4096), Some(HEADER));
        assert_eq!(Header::decode(&bytes, 4, 4096), None);
        assert_eq!(Header::decode(&bytes, 3, 4104), None);
        assert_eq!(Header::decode(&bytes[..47], 3, 4096), None);
    }

    #[test]
    fn any_flipped_bit_of_a_header_is_noticed() {
        let bytes = HEADER.encode(3, 4096);
        for bit in 0..8 * RECORD_HEADER_LEN {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Header::decode(&flipped, 3, 4096), None, "bit {bit}");
        }
    }

    #[test]
    fn writes_come_back_as_they_were() {
        let writes: Vec<Write> = vec![
            (b"a".to_vec(), Some(b"1".to_vec())),
            (Vec::new(), Some(Vec::new())),
            (b"cleared".to_vec(), None),
            (vec![1; 10_000], Some(vec![2; 100_000])),
        ];
        let mut bytes = Vec::new();
        encode_payload(&mut bytes, writes.iter().map(|(key, value)| (key, value)));
        assert_eq!(
            bytes.len(),
            payload_len(writes.iter().map(|(key, value)| (key, value)))
        );
        assert_eq!(decode_payload(&bytes), Some(writes));
        assert_eq!(decode_payload(&bytes[..bytes.len() - 1]), None);
    }
}
