//! The frame around every record: version and kind in front, checksum behind.

use bincode::{
    Decode, Encode,
    config::{Configuration, Limit, LittleEndian, Varint},
    enc::write::Writer,
    error::EncodeError,
};

use super::{DecodeError, VERSION};

/// Bytes that reading one value may claim: far more than any definition, far less than memory.
const VALUE_BYTES_MAX: usize = 16 * 1024 * 1024;

const HEAD_BYTES: usize = 2;
const CHECKSUM_BYTES: usize = 4;

const _: () = assert!(
    VALUE_BYTES_MAX > 16 * crate::limits::DEFINITION_BYTES_MAX,
    "the largest definition must be readable, also where it takes more room in memory than as JSON"
);

/// The kinds of records.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(super) enum Kind {
    Events = 1,
    Hunt = 2,
    Player = 3,
}

fn config() -> Configuration<LittleEndian, Varint, Limit<VALUE_BYTES_MAX>> {
    bincode::config::standard().with_limit()
}

/// Begins a record.
pub(super) fn begin(kind: Kind, capacity: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD_BYTES + capacity + CHECKSUM_BYTES);
    bytes.extend([VERSION, kind as u8]);
    bytes
}

/// Appends a value.
pub(super) fn append<T: Encode + ?Sized>(bytes: &mut Vec<u8>, value: &T) {
    struct Tail<'a>(&'a mut Vec<u8>);
    impl Writer for Tail<'_> {
        fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
            self.0.extend_from_slice(bytes);
            Ok(())
        }
    }
    bincode::encode_into_writer(value, Tail(bytes), config())
        .expect("memory takes whatever is encoded");
}

/// Ends a record.
pub(super) fn end(mut bytes: Vec<u8>) -> Vec<u8> {
    let checksum = crc32c::crc32c(&bytes);
    bytes.extend(checksum.to_le_bytes());
    bytes
}

/// The body of a record whose frame is sound.
pub(super) struct Body<'a> {
    rest: &'a [u8],
}

impl<'a> Body<'a> {
    /// Checks the frame.
    pub(super) fn open(bytes: &'a [u8], kind: Kind) -> Result<Self, DecodeError> {
        let cut_off = DecodeError::CutOff { bytes: bytes.len() };
        let Some((framed, checksum)) = bytes.split_last_chunk::<CHECKSUM_BYTES>() else {
            return Err(cut_off);
        };
        let Some(([version, found], rest)) = framed.split_first_chunk::<HEAD_BYTES>() else {
            return Err(cut_off);
        };
        if *version != VERSION {
            return Err(DecodeError::Version { found: *version });
        }
        if crc32c::crc32c(framed) != u32::from_le_bytes(*checksum) {
            return Err(DecodeError::Checksum);
        }
        if *found != kind as u8 {
            return Err(DecodeError::Kind {
                found: *found,
                expected: kind as u8,
            });
        }
        Ok(Self { rest })
    }

    /// Takes the next value off.
    pub(super) fn take<T: Decode<()>>(&mut self) -> Result<T, DecodeError> {
        let (value, used) =
            bincode::decode_from_slice(self.rest, config()).map_err(DecodeError::malformed)?;
        self.rest = self.rest.get(used..).unwrap_or_default();
        Ok(value)
    }

    /// Bytes that are left.
    pub(super) fn len(&self) -> usize {
        self.rest.len()
    }

    /// Checks that nothing is left.
    pub(super) fn close(self) -> Result<(), DecodeError> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(DecodeError::malformed(format_args!(
                "{left} bytes are left behind its end"
            ))),
        }
    }
}
