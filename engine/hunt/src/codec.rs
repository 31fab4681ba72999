//! The bytes of what is stored. All records have one frame, so that a reader knows at once whether it knows the format
//! and whether the bytes are those that were written:
//!
//! ```text
//! version (1 byte) │ kind (1 byte) │ body (bincode, varints) │ CRC-32C of all before it (4 bytes, little-endian)
//! ```
//!
//! Every version ever written stays readable and has golden files. No bytes make a reader panic or allocate without
//! bound, and what it returns is safe to apply events to.

mod batch;
mod frame;
mod rows;

use crate::Definition;

pub use batch::{decode_events, encode_events};
pub use rows::{decode_hunt, decode_player, encode_hunt, encode_player};

/// The version that is written.
pub const VERSION: u8 = 1;

/// Why stored bytes can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Too short to be a record.
    #[error("a record of {bytes} bytes is cut off: restore it from a copy")]
    CutOff {
        /// How many bytes there are.
        bytes: usize,
    },
    /// Written by another version of the program.
    #[error(
        "a record has format version {found}: this program reads up to {VERSION}, use a newer one"
    )]
    Version {
        /// The version that it has.
        found: u8,
    },
    /// A record of another kind.
    #[error("a record has kind {found}, not {expected}: it is under the wrong key")]
    Kind {
        /// The kind that it has.
        found: u8,
        /// The kind that it should have.
        expected: u8,
    },
    /// The bytes are not those that were written.
    #[error(
        "a record's checksum does not match: its bytes changed after they were written; restore it from a copy"
    )]
    Checksum,
    /// The checksum is right, but the bytes make no record.
    #[error("a record makes no sense: {detail}")]
    Malformed {
        /// What is wrong.
        detail: String,
    },
}

impl DecodeError {
    fn malformed(detail: impl std::fmt::Display) -> Self {
        Self::Malformed {
            detail: detail.to_string(),
        }
    }
}

/// The bytes of a definition, without a frame: what a request to put it is told apart by.
pub(crate) fn definition_bytes(definition: &Definition) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame::append(&mut bytes, definition);
    bytes
}
