//! Keys by FoundationDB's tuple layer, under one prefix, so that any FoundationDB tool reads them.

use thiserror::Error;

pub use foundationdb_tuple::{
    Bytes, Element, TuplePack, TupleUnpack, Versionstamp as TupleVersionstamp, VersionstampOffset,
};

use crate::{KeyRange, Versionstamp};

/// Room for a typical tuple behind the prefix, so that packing allocates once.
const TUPLE_BYTES_TYPICAL: usize = 48;

/// The keys under one prefix. Tuples sort as their elements do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyspace {
    prefix: Vec<u8>,
}

/// Why a key is not what was expected.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The key belongs to something else.
    #[error("key {key} does not start with the prefix {prefix}: read only keys of this keyspace")]
    Prefix {
        /// The key, escaped.
        key: String,
        /// The prefix, escaped.
        prefix: String,
    },
    /// The rest of the key is not the tuple that was asked for.
    #[error(
        "key {key} is not the tuple expected ({reason:?}): was it written by another version or program?"
    )]
    Tuple {
        /// The key, escaped.
        key: String,
        /// What the tuple layer found.
        reason: foundationdb_tuple::PackError,
    },
    /// Versionstamped keys need exactly one place for the stamp.
    #[error(
        "a versionstamped key needs exactly one incomplete versionstamp, not {found}: check the tuple"
    )]
    Stamps {
        /// What the tuple holds.
        found: &'static str,
    },
}

impl Keyspace {
    /// The keys under `prefix`; the empty prefix is the whole database.
    pub fn new(prefix: impl Into<Vec<u8>>) -> Self {
        Self {
            prefix: prefix.into(),
        }
    }

    /// The prefix.
    pub fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    /// The keyspace of all tuples that start with `tuple`.
    pub fn subspace<T: TuplePack>(&self, tuple: &T) -> Self {
        Self {
            prefix: self.pack(tuple),
        }
    }

    /// The key of `tuple`.
    pub fn pack<T: TuplePack>(&self, tuple: &T) -> Vec<u8> {
        let mut key = self.start();
        tuple.pack_into_vec(&mut key);
        key
    }

    /// The key operand of [`crate::AtomicOp::SetVersionstampedKey`] for a `tuple` with one
    /// [`TupleVersionstamp::incomplete`] in it: the packed key, then the stamp's 4-byte offset.
    pub fn pack_versionstamped<T: TuplePack>(&self, tuple: &T) -> Result<Vec<u8>, KeyError> {
        let mut key = self.start();
        match tuple.pack_into_vec_with_versionstamp(&mut key) {
            VersionstampOffset::OneIncomplete { .. } => Ok(key),
            VersionstampOffset::None { .. } => Err(KeyError::Stamps { found: "none" }),
            VersionstampOffset::MultipleIncomplete => Err(KeyError::Stamps { found: "several" }),
        }
    }

    /// The tuple of `key`.
    pub fn unpack<'key, T: TupleUnpack<'key>>(&self, key: &'key [u8]) -> Result<T, KeyError> {
        let tuple = key
            .strip_prefix(self.prefix.as_slice())
            .ok_or_else(|| KeyError::Prefix {
                key: key.escape_ascii().to_string(),
                prefix: self.prefix.escape_ascii().to_string(),
            })?;
        foundationdb_tuple::unpack(tuple).map_err(|reason| KeyError::Tuple {
            key: key.escape_ascii().to_string(),
            reason,
        })
    }

    /// Whether `key` lies in this keyspace.
    pub fn contains(&self, key: &[u8]) -> bool {
        key.starts_with(&self.prefix)
    }

    /// Every tuple of this keyspace, however long; not the bare prefix.
    pub fn range(&self) -> KeyRange {
        Self::tuples_after(self.prefix.clone())
    }

    /// Every tuple that starts with `tuple` and goes on; not `tuple` itself.
    pub fn range_of<T: TuplePack>(&self, tuple: &T) -> KeyRange {
        Self::tuples_after(self.pack(tuple))
    }

    /// From `begin` (inclusive) to `end` (exclusive), both tuples of this keyspace.
    pub fn range_between<A: TuplePack, B: TuplePack>(&self, begin: &A, end: &B) -> KeyRange {
        KeyRange {
            begin: self.pack(begin),
            end: self.pack(end),
        }
    }

    fn start(&self) -> Vec<u8> {
        let mut key = Vec::with_capacity(self.prefix.len() + TUPLE_BYTES_TYPICAL);
        key.extend_from_slice(&self.prefix);
        key
    }

    /// Element codes lie between 0x00 and 0xff, exclusive of neither end by convention of the layer.
    fn tuples_after(mut begin: Vec<u8>) -> KeyRange {
        let mut end = begin.clone();
        begin.push(0x00);
        end.push(0xff);
        KeyRange { begin, end }
    }
}

impl From<Versionstamp> for TupleVersionstamp {
    fn from(stamp: Versionstamp) -> Self {
        Self::complete(stamp.0, 0)
    }
}

impl From<&TupleVersionstamp> for Versionstamp {
    fn from(stamp: &TupleVersionstamp) -> Self {
        let mut bytes = [0; Self::LEN];
        bytes.copy_from_slice(stamp.transaction_version());
        Self(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuples_come_back_and_sort() {
        let keys = Keyspace::new("hunt/");
        let key = keys.pack(&("log", 7u32, 1u64 << 40));
        assert_eq!(
            keys.unpack::<(String, u32, u64)>(&key).expect("packed"),
            ("log".to_owned(), 7, 1 << 40)
        );
        assert!(keys.pack(&("log", 7u32, 255u64)) < keys.pack(&("log", 7u32, 256u64)));
        assert!(
            keys.contains(&key)
                && keys.range().contains(&key)
                && keys.range_of(&("log", 7u32)).contains(&key)
        );
        assert!(!keys.range_of(&("log", 8u32)).contains(&key));
        assert_eq!(keys.subspace(&("log",)).pack(&(7u32, 1u64 << 40)), key);
        let range = keys.range_between(&("log", 7u32, 5u64), &("log", 7u32, 9u64));
        assert!(
            range.contains(&keys.pack(&("log", 7u32, 5u64)))
                && !range.contains(&keys.pack(&("log", 7u32, 9u64)))
        );
    }

    #[test]
    fn bytes_are_the_tuple_layers() {
        assert_eq!(
            Keyspace::new("p").pack(&("ab", 1u16)),
            b"p\x02ab\x00\x15\x01"
        );
    }

    #[test]
    fn a_versionstamped_key_ends_in_the_stamps_offset() {
        let keys = Keyspace::new("p");
        let key = keys
            .pack_versionstamped(&("all", TupleVersionstamp::incomplete(0)))
            .expect("one stamp");
        let offset = crate::commit_request::stamp_offset(&key).expect("fits");
        let mut stamped = key[..key.len() - 4].to_vec();
        stamped[offset..offset + 10].copy_from_slice(&Versionstamp::new(9, 3).0);
        let (_, stamp) = keys
            .unpack::<(String, TupleVersionstamp)>(&stamped)
            .expect("complete");
        assert_eq!(Versionstamp::from(&stamp), Versionstamp::new(9, 3));
        assert_eq!(
            stamped,
            keys.pack(&("all", TupleVersionstamp::from(Versionstamp::new(9, 3))))
        );
    }

    #[test]
    fn what_is_not_a_key_says_so() {
        let keys = Keyspace::new("p");
        assert!(keys.pack_versionstamped(&(1u16,)).is_err());
        let twice = (
            TupleVersionstamp::incomplete(0),
            TupleVersionstamp::incomplete(1),
        );
        assert!(keys.pack_versionstamped(&twice).is_err());
        let other = keys
            .unpack::<(u16,)>(b"q\x15\x01")
            .expect_err("other prefix");
        assert_eq!(
            other.to_string(),
            "key q\\x15\\x01 does not start with the prefix p: read only keys of this keyspace"
        );
        assert!(keys.unpack::<(String,)>(b"p\x15\x01").is_err());
        assert!(keys.unpack::<(u16,)>(b"p").is_err());
    }
}
