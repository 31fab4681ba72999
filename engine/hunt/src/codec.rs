//! The bytes of what is stored.
use crate::{Event, HuntState, PlayerState, Seq};
/// Why stored bytes can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Too short to be a record.
    #[error("a record of {bytes} bytes is cut off")]
    CutOff {
        /// How many there are.
        bytes: usize,
    },
    /// Written by another version.
    #[error("a record has format version {found}: this program reads version {known}")]
    Version {
        /// What it has.
        found: u8,
        /// What is known.
        known: u8,
    },
    /// The bytes are not those that were written.
    #[error("a record's checksum does not match: its bytes were changed after they were written")]
    Checksum,
    /// The bytes make no record.
    #[error("a record makes no sense: {detail}")]
    Malformed {
        /// What is wrong.
        detail: String,
    },
}
/// A batch of events with consecutive sequence numbers.
pub fn encode_events(_events: &[Event]) -> Vec<u8> {
    unimplemented!()
}
/// Reads a batch again.
pub fn decode_events(_first_seq: Seq, _bytes: &[u8]) -> Result<Vec<Event>, DecodeError> {
    unimplemented!()
}
/// A hunt's row.
pub fn encode_hunt(_hunt: &HuntState) -> Vec<u8> {
    unimplemented!()
}
/// Reads a hunt's row again.
pub fn decode_hunt(_bytes: &[u8]) -> Result<HuntState, DecodeError> {
    unimplemented!()
}
/// A player's row.
pub fn encode_player(_player: &PlayerState) -> Vec<u8> {
    unimplemented!()
}
/// Reads a player's row again.
pub fn decode_player(_bytes: &[u8]) -> Result<PlayerState, DecodeError> {
    unimplemented!()
}
