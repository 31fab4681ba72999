//! A message from a core of one node to a core of another, as bytes. What a node's cores say to each other only has no form
//! here, so no other node can say it.
//!
//! ```text
//! version (1 byte) │ the core that it is for │ kind (1 byte) │ body (bincode, varints, little-endian)
//! ```
//!
//! Golden bytes in the tests hold every version ever written: nodes of two versions talk to each other while a cluster is
//! upgraded. Kinds and variants are only ever added, at the end.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::enc::write::Writer;
use bincode::error::EncodeError;
use bincode::{Decode, Encode};

use crate::{CoreId, Message};

/// The version that is written.
pub const LETTER_VERSION: u8 = 1;
/// Bytes of one letter.
pub const LETTER_BYTES_MAX: usize = 16 << 20;

/// Bytes that reading one letter may claim: in memory a value takes more than on the way.
const CLAIM_BYTES_MAX: usize = 4 * LETTER_BYTES_MAX;

const CONFIG: Configuration<LittleEndian, Varint, Limit<CLAIM_BYTES_MAX>> =
    bincode::config::standard().with_limit();

const ASK: u8 = 1;
const ANSWER: u8 = 2;
const FEED_SUBSCRIBE: u8 = 3;
const FEED_ADVANCED: u8 = 4;
const FREED: u8 = 5;
const LOOK_ANEW: u8 = 6;

/// Why a message can't be written, or bytes can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LetterError {
    /// It is more than one letter holds.
    #[error("a message between nodes has more than {LETTER_BYTES_MAX} bytes")]
    TooLarge,
    /// It is for cores of the same node only.
    #[error("the message is not for other nodes")]
    Private,
    /// Written by another version.
    #[error(
        "a letter has version {0}, this engine reads version {LETTER_VERSION}: upgrade the older node"
    )]
    Version(u8),
    /// The bytes make no letter.
    #[error("a letter makes no sense: {0}")]
    Malformed(String),
}

/// Appends the letter that brings `message` to the core `to`; nothing is left behind after an error.
pub fn append_letter(
    bytes: &mut Vec<u8>,
    to: CoreId,
    message: &Message,
) -> Result<(), LetterError> {
    let start = bytes.len();
    let written = write(bytes, to, message);
    let fits = written.and_then(|()| match bytes.len() - start <= LETTER_BYTES_MAX {
        true => Ok(()),
        false => Err(LetterError::TooLarge),
    });
    if fits.is_err() {
        bytes.truncate(start);
    }
    fits
}

/// The letter that `bytes` hold, and the core that it is for; nothing may be left over.
pub fn read_letter(bytes: &[u8]) -> Result<(CoreId, Message), LetterError> {
    let mut rest = match bytes.split_first() {
        Some((&LETTER_VERSION, rest)) => rest,
        Some((&version, _)) => return Err(LetterError::Version(version)),
        None => return Err(LetterError::Malformed("it is empty".to_owned())),
    };
    let to = take(&mut rest)?;
    let kind: u8 = take(&mut rest)?;
    let message = match kind {
        ASK => Message::Ask {
            id: take(&mut rest)?,
            from: take(&mut rest)?,
            hops: take(&mut rest)?,
            request: take(&mut rest)?,
        },
        ANSWER => Message::Answer {
            id: take(&mut rest)?,
            response: take(&mut rest)?,
        },
        FEED_SUBSCRIBE => Message::FeedSubscribe {
            from: take(&mut rest)?,
        },
        FEED_ADVANCED => Message::FeedAdvanced,
        FREED => Message::Freed {
            shard: take(&mut rest)?,
        },
        LOOK_ANEW => Message::LookAnew,
        _ => return Err(LetterError::Malformed(format!("its kind is {kind}"))),
    };
    match rest.len() {
        0 => Ok((to, message)),
        left => Err(LetterError::Malformed(format!(
            "{left} bytes are left over"
        ))),
    }
}

fn write(bytes: &mut Vec<u8>, to: CoreId, message: &Message) -> Result<(), LetterError> {
    bytes.push(LETTER_VERSION);
    append(bytes, &to)?;
    match message {
        Message::Ask {
            id,
            from,
            hops,
            request,
        } => append(bytes, &(ASK, id, from, hops, request)),
        Message::Answer { id, response } => append(bytes, &(ANSWER, id, response)),
        Message::FeedSubscribe { from } => append(bytes, &(FEED_SUBSCRIBE, from)),
        Message::FeedAdvanced => append(bytes, &FEED_ADVANCED),
        Message::Freed { shard } => append(bytes, &(FREED, shard)),
        Message::LookAnew => append(bytes, &LOOK_ANEW),
        Message::View(_) | Message::Drain | Message::Unreachable { .. } => {
            Err(LetterError::Private)
        }
    }
}

fn append(bytes: &mut Vec<u8>, value: &impl Encode) -> Result<(), LetterError> {
    struct Tail<'a>(&'a mut Vec<u8>);
    impl Writer for Tail<'_> {
        fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
            self.0.extend_from_slice(bytes);
            Ok(())
        }
    }
    bincode::encode_into_writer(value, Tail(bytes), CONFIG)
        .map_err(|error| LetterError::Malformed(error.to_string()))
}

fn take<T: Decode<()>>(rest: &mut &[u8]) -> Result<T, LetterError> {
    let (value, used) = bincode::decode_from_slice(rest, CONFIG)
        .map_err(|error| LetterError::Malformed(error.to_string()))?;
    *rest = &rest[used..];
    Ok(value)
}

#[cfg(test)]
mod tests;
