//! Names of things. Each kind of id is a type of its own, checked when it is made: an id that exists is valid.

use bincode::{
    BorrowDecode, Decode, Encode,
    de::{BorrowDecoder, Decoder},
    enc::Encoder,
    error::{DecodeError, EncodeError},
};
use compact_str::CompactString;
use serde::{Serialize, Serializer};
use siphasher::sip::SipHasher24;
use std::{fmt, hash::Hasher};

use crate::limits::ID_BYTES_MAX;

/// Position in a shard's log; the first event has 1.
pub type Seq = u64;

/// One of the fixed number of shards of a cluster.
pub type ShardId = u16;

/// Why a text is not an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing at all.
    #[error("an id is empty: give it 1 to {ID_BYTES_MAX} characters")]
    Empty,
    /// Too many bytes.
    #[error("an id has {bytes} bytes: give it at most {ID_BYTES_MAX}")]
    TooLong {
        /// How many it has.
        bytes: usize,
    },
    /// A character that its kind does not allow.
    #[error("an id has {found:?} at byte {at}: use {allowed}")]
    Character {
        /// The character.
        found: char,
        /// Where.
        at: usize,
        /// What is allowed.
        allowed: &'static str,
    },
}

/// Which characters a kind of id may have.
#[derive(Clone, Copy)]
enum Alphabet {
    /// Lower-case letters, digits, hyphen and underscore: fit for a path and a file name.
    Slug,
    /// Visible ASCII: whatever a platform calls its players and requests.
    Visible,
}

impl Alphabet {
    fn has(self, byte: u8) -> bool {
        match self {
            Self::Slug => matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'),
            Self::Visible => byte.is_ascii_graphic(),
        }
    }

    fn allowed(self) -> &'static str {
        match self {
            Self::Slug => "a-z, 0-9, - and _ only",
            Self::Visible => "visible ASCII characters only, no space",
        }
    }

    fn check(self, text: &str) -> Result<(), IdError> {
        if text.is_empty() {
            return Err(IdError::Empty);
        }
        if text.len() > ID_BYTES_MAX {
            return Err(IdError::TooLong { bytes: text.len() });
        }
        // Whatever is allowed is ASCII, so the first byte that is not allowed begins a character.
        let bad = text.bytes().position(|byte| !self.has(byte));
        match bad.and_then(|at| Some((at, text.get(at..)?.chars().next()?))) {
            None => Ok(()),
            Some((at, found)) => Err(IdError::Character {
                found,
                at,
                allowed: self.allowed(),
            }),
        }
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $alphabet:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(CompactString);

        impl $name {
            /// Checks the text.
            pub fn new(text: &str) -> Result<Self, IdError> {
                $alphabet.check(text)?;
                Ok(Self(CompactString::new(text)))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// Bytes on the heap (none up to 24 characters).
            pub fn heap_bytes(&self) -> usize {
                if self.0.is_heap_allocated() { self.0.capacity() } else { 0 }
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl Encode for $name {
            fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
                self.as_str().encode(encoder)
            }
        }

        impl<Context> Decode<Context> for $name {
            fn decode<D: Decoder<Context = Context>>(decoder: &mut D) -> Result<Self, DecodeError> {
                let bytes = decode_bytes(decoder)?;
                let text = std::str::from_utf8(bytes.as_slice())
                    .map_err(|inner| DecodeError::Utf8 { inner })?;
                Self::new(text).map_err(|error| DecodeError::OtherString(error.to_string()))
            }
        }

        impl<'de, Context> BorrowDecode<'de, Context> for $name {
            fn borrow_decode<D: BorrowDecoder<'de, Context = Context>>(decoder: &mut D) -> Result<Self, DecodeError> {
                Self::decode(decoder)
            }
        }
    };
}

id!(
    /// Names a hunt: 1 to 64 of a-z, 0-9, `-` and `_`.
    HuntId,
    Alphabet::Slug
);
id!(
    /// Names a clue within its hunt: 1 to 64 of a-z, 0-9, `-` and `_`.
    ClueId,
    Alphabet::Slug
);
id!(
    /// Names a treasure within its hunt: 1 to 64 of a-z, 0-9, `-` and `_`.
    TreasureId,
    Alphabet::Slug
);
id!(
    /// Names a player or a team: 1 to 64 visible ASCII characters.
    PlayerId,
    Alphabet::Visible
);
id!(
    /// Names a request of one player (or of the operators of one hunt): 1 to 64 visible ASCII characters.
    RequestId,
    Alphabet::Visible
);

/// The keys of the hash that places hunts. Never to be changed: they decide in which log a hunt's events are.
const SHARD_KEYS: (u64, u64) = (0x7472_6561_7375_7265, 0x6875_6e74_7368_6172);

impl HuntId {
    /// The shard of this hunt in a cluster of so many (at least one): SipHash-2-4 with fixed keys.
    pub fn shard(&self, shards: u16) -> ShardId {
        let mut hasher = SipHasher24::new_with_keys(SHARD_KEYS.0, SHARD_KEYS.1);
        hasher.write(self.as_str().as_bytes());
        let place = hasher.finish() % u64::from(shards.max(1));
        u16::try_from(place).unwrap_or_default()
    }
}

/// The bytes of an id as they were stored, without a detour over the heap.
struct IdBytes {
    bytes: [u8; ID_BYTES_MAX],
    len: usize,
}

impl IdBytes {
    fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

fn decode_bytes<D: Decoder>(decoder: &mut D) -> Result<IdBytes, DecodeError> {
    use bincode::de::read::Reader;
    let len = usize::try_from(u64::decode(decoder)?).unwrap_or(usize::MAX);
    let mut id = IdBytes {
        bytes: [0; ID_BYTES_MAX],
        len,
    };
    let Some(bytes) = id.bytes.get_mut(..len) else {
        return Err(DecodeError::OtherString(
            IdError::TooLong { bytes: len }.to_string(),
        ));
    };
    decoder.claim_bytes_read(len)?;
    decoder.reader().read(bytes)?;
    Ok(id)
}
