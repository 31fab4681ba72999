//! The bytes of what this crate stores besides events and rows: leases, batches, checkpoints, places in the feed.
//!
//! Every record starts with a version byte and ends with a CRC-32C of all before it, so that a flipped bit is noticed
//! before anything is decoded. Golden files under `tests/golden` hold every version ever written.

use bincode::config::{Configuration, Fixint, Limit, LittleEndian};
use bincode::{Decode, Encode};
use hunt::{Millis, Seq, ShardId};

/// The version that is written.
const VERSION: u8 = 1;
/// The most bytes that decoding a record may ask for.
const RECORD_BYTES_MAX: usize = 4096;
/// Version byte and checksum.
const ENVELOPE_BYTES: usize = 5;

const CONFIG: Configuration<LittleEndian, Fixint, Limit<RECORD_BYTES_MAX>> =
    bincode::config::standard()
        .with_fixed_int_encoding()
        .with_limit();

/// A record that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RecordError {
    /// Fewer bytes than any record has.
    #[error("the record has {0} bytes, too few for any record")]
    Short(usize),
    /// The checksum does not match.
    #[error("the record's checksum does not match: the stored bytes were changed")]
    Checksum,
    /// Written by another version.
    #[error("the record has version {0}, this engine reads version {VERSION}: upgrade the engine")]
    Version(u8),
    /// The checksum matches but the content makes no sense.
    #[error("the record can't be decoded: {0}")]
    Content(String),
}

/// Who may write a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Lease {
    /// Grows with every new owner.
    pub(crate) epoch: u64,
    /// The owner's node.
    pub(crate) node: u64,
    /// Which opening of the shard: drawn anew each time, so that a try is told from its repetition. In a cluster the
    /// upper half is the owner's membership.
    pub(crate) incarnation: u64,
    /// The owner gave it up.
    pub(crate) released: bool,
}

/// A node says that it lives.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Heartbeat {
    /// The node's membership: drawn anew whenever it joins. Never 0.
    pub(crate) incarnation: u32,
    /// Grows with every beat.
    pub(crate) counter: u64,
    /// Cores of the node.
    pub(crate) cores: u16,
    /// It is about to stop and wants no shards.
    pub(crate) draining: bool,
    /// How other nodes reach it.
    pub(crate) address: String,
}

/// What stands in front of a batch's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct BatchHeader {
    /// Epoch of the owner that wrote it.
    pub(crate) epoch: u64,
    /// Sequence of its first event.
    pub(crate) first_seq: Seq,
    /// How many events.
    pub(crate) count: u32,
    /// Time of its last event.
    pub(crate) at: u64,
    /// Bytes of the encoded events.
    pub(crate) bytes: u32,
}

/// From where recovery replays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Checkpoint {
    /// Every row reflects the log up to here.
    pub(crate) seq: Seq,
    /// Grows with every write of rows: two tries of one write never both succeed.
    pub(crate) generation: u64,
}

/// One batch's place in the global order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct FeedEntry {
    /// The batch's shard.
    pub(crate) shard: ShardId,
    /// Sequence of its first event.
    pub(crate) first_seq: Seq,
    /// How many events.
    pub(crate) count: u32,
}

/// What the whole store was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Format {
    /// Version of the layout of keys and records.
    pub(crate) version: u16,
    /// Shards of the cluster.
    pub(crate) shards: u16,
}

/// The record's bytes.
pub(crate) fn encode(record: &impl Encode) -> Vec<u8> {
    let body = bincode::encode_to_vec(record, CONFIG).expect("records have a fixed, small size");
    seal(&body)
}

/// The record that `bytes` hold; nothing may be left over.
pub(crate) fn decode<T: Decode<()>>(bytes: &[u8]) -> Result<T, RecordError> {
    let body = unseal(bytes)?;
    let (record, used) = bincode::decode_from_slice(body, CONFIG)
        .map_err(|error| RecordError::Content(error.to_string()))?;
    if used == body.len() {
        Ok(record)
    } else {
        Err(RecordError::Content(format!(
            "{} bytes left over",
            body.len() - used
        )))
    }
}

/// `body` between a version byte and a checksum.
pub(crate) fn seal(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len() + ENVELOPE_BYTES);
    bytes.push(VERSION);
    bytes.extend_from_slice(body);
    let checksum = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    bytes
}

/// The body that [`seal`] wrapped.
pub(crate) fn unseal(bytes: &[u8]) -> Result<&[u8], RecordError> {
    let (content, checksum) = bytes
        .split_last_chunk::<4>()
        .ok_or(RecordError::Short(bytes.len()))?;
    let (&version, body) = content
        .split_first()
        .ok_or(RecordError::Short(bytes.len()))?;
    if crc32c::crc32c(content) != u32::from_le_bytes(*checksum) {
        return Err(RecordError::Checksum);
    }
    if version != VERSION {
        return Err(RecordError::Version(version));
    }
    Ok(body)
}

/// A batch's bytes: header record, then the encoded events, sealed as one.
pub(crate) fn encode_batch(header: &BatchHeader, events: &[u8]) -> Vec<u8> {
    let head = bincode::encode_to_vec(header, CONFIG).expect("a header has a fixed size");
    seal(&[head.as_slice(), events].concat())
}

/// Header and encoded events of a batch.
pub(crate) fn decode_batch(bytes: &[u8]) -> Result<(BatchHeader, &[u8]), RecordError> {
    let body = unseal(bytes)?;
    let (header, used) = bincode::decode_from_slice::<BatchHeader, _>(body, CONFIG)
        .map_err(|error| RecordError::Content(error.to_string()))?;
    let events = &body[used..];
    if events.len() as u64 == u64::from(header.bytes) {
        Ok((header, events))
    } else {
        Err(RecordError::Content(format!(
            "the header says {} bytes of events, there are {}",
            header.bytes,
            events.len()
        )))
    }
}

impl Lease {
    /// Membership of the owner that took it.
    pub(crate) fn member(&self) -> u32 {
        (self.incarnation >> 32) as u32
    }
}

impl BatchHeader {
    /// Time of its last event.
    pub(crate) fn at(&self) -> Millis {
        Millis(self.at)
    }

    /// Sequence of its last event.
    pub(crate) fn last_seq(&self) -> Seq {
        self.first_seq + Seq::from(self.count) - 1
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(record: &(impl Encode + Decode<()> + PartialEq + std::fmt::Debug), golden: Expect) {
        let bytes = encode(record);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        golden.assert_eq(&hex);
        assert_eq!(decode::<Lease>(&bytes[..2]), Err(RecordError::Short(2)));
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let found = unseal(&flipped).expect_err("a flipped bit is noticed");
            assert_eq!(found, RecordError::Checksum);
        }
    }

    /// These bytes are in people's stores: a change here needs a new version, and a reader for this one.
    #[test]
    fn version_1_is_written_as_ever() {
        check(
            &Lease {
                epoch: 3,
                node: 7,
                incarnation: 0x0102,
                released: false,
            },
            expect!["010300000000000000070000000000000002010000000000000014c59ab1"],
        );
        check(
            &Checkpoint {
                seq: 9,
                generation: 4,
            },
            expect!["010900000000000000040000000000000002dffddf"],
        );
        check(
            &FeedEntry {
                shard: 5,
                first_seq: 11,
                count: 2,
            },
            expect!["0105000b00000000000000020000001ed7e157"],
        );
        check(
            &Format {
                version: 1,
                shards: 64,
            },
            expect!["01010040002575315f"],
        );
        check(
            &Heartbeat {
                incarnation: 9,
                counter: 2,
                cores: 4,
                draining: true,
                address: "a:1".to_owned(),
            },
            expect!["010900000002000000000000000400010300000000000000613a3186188e26"],
        );
        let header = BatchHeader {
            epoch: 1,
            first_seq: 2,
            count: 3,
            at: 4,
            bytes: 5,
        };
        check(
            &header,
            expect!["01010000000000000002000000000000000300000004000000000000000500000088fceafd"],
        );
    }

    #[test]
    fn a_record_is_read_back() {
        let lease = Lease {
            epoch: 3,
            node: 7,
            incarnation: 1,
            released: true,
        };
        assert_eq!(decode::<Lease>(&encode(&lease)), Ok(lease));
    }

    #[test]
    fn a_record_of_another_version_says_so() {
        let mut bytes = encode(&Checkpoint::default());
        bytes.truncate(bytes.len() - 4);
        bytes[0] = 2;
        let checksum = crc32c::crc32c(&bytes);
        bytes.extend_from_slice(&checksum.to_le_bytes());
        assert_eq!(decode::<Checkpoint>(&bytes), Err(RecordError::Version(2)));
    }

    #[test]
    fn a_batch_that_lacks_bytes_says_so() {
        let header = BatchHeader {
            epoch: 1,
            first_seq: 2,
            count: 1,
            at: 4,
            bytes: 5,
        };
        let whole = encode_batch(&header, b"12345");
        assert_eq!(decode_batch(&whole), Ok((header, b"12345".as_slice())));
        let short = encode_batch(&header, b"1234");
        assert!(matches!(decode_batch(&short), Err(RecordError::Content(_))));
    }
}
