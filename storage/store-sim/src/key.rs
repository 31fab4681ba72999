//! Keys as the tree of rows holds them: short ones in place, so that a walk down the tree touches no other memory.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;

/// Keys up to here are short: nearly all that the engine makes.
const SHORT_BYTES_MAX: usize = 46;

/// A key. Orders as its bytes do.
#[derive(Clone)]
pub(crate) enum Key {
    Short {
        len: u8,
        bytes: [u8; SHORT_BYTES_MAX],
    },
    Long(Box<[u8]>),
}

const _: () = assert!(
    size_of::<Key>() == 48,
    "a key's length and tag lie beside its bytes"
);

impl Key {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Short { len, bytes } => &bytes[..usize::from(*len)],
            Self::Long(bytes) => bytes,
        }
    }
}

impl From<&[u8]> for Key {
    fn from(key: &[u8]) -> Self {
        if key.len() > SHORT_BYTES_MAX {
            return Self::Long(key.into());
        }
        let mut bytes = [0; SHORT_BYTES_MAX];
        bytes[..key.len()].copy_from_slice(key);
        Self::Short {
            len: key.len() as u8,
            bytes,
        }
    }
}

impl Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_bytes().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_keys_order_as_their_bytes() {
        let long = [7; SHORT_BYTES_MAX + 1];
        let texts: [&[u8]; 6] = [b"", b"\0", b"a", &long[1..], &long, b"\xff"];
        for a in texts {
            for b in texts {
                let (left, right) = (Key::from(a), Key::from(b));
                assert_eq!(left.cmp(&right), a.cmp(b), "{left:?} {right:?}");
                assert_eq!((left == right, left.as_bytes()), (a == b, a));
            }
        }
    }
}
