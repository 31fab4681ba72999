//! The one place that knows how a body becomes bytes: bincode 2 with variable-length integers, little-endian.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::enc::write::Writer;
use bincode::error::EncodeError;
use bincode::{BorrowDecode, Encode};

use crate::WireError;
use crate::frame::FRAME_BYTES_MAX;

/// What decoding may claim: a hostile length is refused before memory is asked for. In memory a value takes more than
/// on the wire, where an integer can be one byte.
const CLAIM_BYTES_MAX: usize = 8 * FRAME_BYTES_MAX;

const CONFIG: Configuration<LittleEndian, Varint, Limit<CLAIM_BYTES_MAX>> =
    bincode::config::standard().with_limit();

/// Appends a value.
pub(crate) fn append(bytes: &mut Vec<u8>, value: &impl Encode) -> Result<(), WireError> {
    struct Tail<'a>(&'a mut Vec<u8>);
    impl Writer for Tail<'_> {
        fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
            self.0.extend_from_slice(bytes);
            Ok(())
        }
    }
    bincode::encode_into_writer(value, Tail(bytes), CONFIG).map_err(WireError::malformed)
}

/// What is left of a body.
pub(crate) struct Body<'a>(pub(crate) &'a [u8]);

impl<'a> Body<'a> {
    /// Takes the next value off.
    pub(crate) fn take<T: BorrowDecode<'a, ()>>(&mut self) -> Result<T, WireError> {
        let (value, used) =
            bincode::borrow_decode_from_slice(self.0, CONFIG).map_err(WireError::malformed)?;
        self.0 = &self.0[used..];
        Ok(value)
    }

    /// Takes a count of things of which each takes at least one byte.
    pub(crate) fn take_count(&mut self, what: &str, max: usize) -> Result<usize, WireError> {
        let count: u64 = self.take()?;
        match usize::try_from(count) {
            Ok(count) if count <= max && count <= self.0.len() => Ok(count),
            _ => Err(WireError::malformed(format_args!(
                "{count} {what}: at most {max}, and no more than there are bytes"
            ))),
        }
    }

    /// Checks that nothing is left.
    pub(crate) fn close(self) -> Result<(), WireError> {
        match self.0.len() {
            0 => Ok(()),
            left => Err(WireError::malformed(format_args!(
                "{left} bytes are left behind the message's end"
            ))),
        }
    }
}
