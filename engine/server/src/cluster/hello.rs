//! What two nodes say before they trust each other, as bytes: bincode with fixed integers, little-endian. The frame's
//! version stands for these too; golden bytes in the tests hold every version ever spoken.

use bincode::config::{Configuration, Fixint, Limit, LittleEndian};
use bincode::{Decode, Encode};

use super::limits::GREETING_BYTES_MAX;

/// Bytes that nobody can foresee, so that no proof can be used twice.
pub(super) type Nonce = [u8; 32];

const CONFIG: Configuration<LittleEndian, Fixint, Limit<GREETING_BYTES_MAX>> =
    bincode::config::standard()
        .with_fixed_int_encoding()
        .with_limit();

/// What a node works with: both sides of a link must agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) struct Make {
    /// Version of the letters.
    pub(super) letters: u8,
    /// Version of the layout of keys and records.
    pub(super) layout: u16,
    /// Shards of the cluster.
    pub(super) shards: u16,
}

/// Who dials, and whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) struct Hello {
    pub(super) make: Make,
    /// The node that dials.
    pub(super) node: u64,
    /// Its core.
    pub(super) core: u16,
    /// The node that it wants.
    pub(super) wants: u64,
    pub(super) nonce: Nonce,
}

/// Who was dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) struct Challenge {
    pub(super) make: Make,
    /// The node that was dialled.
    pub(super) node: u64,
    pub(super) nonce: Nonce,
}

/// The bytes of a part of the greeting.
pub(super) fn encode(part: &impl Encode) -> Vec<u8> {
    bincode::encode_to_vec(part, CONFIG).expect("the parts of a greeting have a fixed, small size")
}

/// The part that `bytes` hold; none if they hold anything else.
pub(super) fn decode<T: Decode<()>>(bytes: &[u8]) -> Option<T> {
    let (part, used) = bincode::decode_from_slice(bytes, CONFIG).ok()?;
    (used == bytes.len()).then_some(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check<T: Encode + Decode<()> + PartialEq + std::fmt::Debug>(part: T, golden: Expect) {
        let bytes = encode(&part);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        golden.assert_eq(&hex);
        assert!(decode::<T>(&bytes[1..]).is_none());
        assert!(decode::<T>(&[&bytes[..], &[0]].concat()).is_none());
        assert_eq!(decode(&bytes), Some(part));
    }

    /// Nodes of other versions speak like this: a change needs a new version of the frames.
    #[test]
    fn version_1_is_spoken_as_ever() {
        let make = Make {
            letters: 1,
            layout: 2,
            shards: 64,
        };
        check(
            Hello {
                make,
                node: 7,
                core: 3,
                wants: 9,
                nonce: [0xab; 32],
            },
            expect![
                "0102004000070000000000000003000900000000000000abababababababababababababababababababababababababababababababab"
            ],
        );
        check(
            Challenge {
                make,
                node: 9,
                nonce: [0xcd; 32],
            },
            expect![
                "01020040000900000000000000cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
            ],
        );
    }
}
