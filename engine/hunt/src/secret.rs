//! Answers and codes as the engine keeps them: salted digests, so that neither log nor memory holds them in clear.

use bincode::{Decode, Encode};
use sha2::{Digest as _, Sha256};
use std::fmt;

use crate::ClueId;

/// Randomness of one hunt. It keys the hashes of its secrets and of its requests.
#[derive(Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
pub struct Salt(pub [u8; 16]);

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(…)")
    }
}

/// The first 16 bytes of SHA-256 over salt, clue, kind and secret.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Digest(pub [u8; 16]);

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

/// What kind of secret is digested: the same text as an answer and as a code gives different digests.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(crate) enum SecretKind {
    /// A normalised answer.
    Answer = 1,
    /// A code.
    Code = 2,
}

impl Digest {
    /// Digests a secret of a clue.
    pub(crate) fn of(salt: &Salt, clue: &ClueId, kind: SecretKind, secret: &str) -> Self {
        let id = clue.as_str().as_bytes();
        let mut hash = Sha256::new();
        hash.update(salt.0);
        hash.update([kind as u8, u8::try_from(id.len()).unwrap_or(u8::MAX)]);
        hash.update(id);
        hash.update(secret.as_bytes());
        let whole: [u8; 32] = hash.finalize().into();
        let mut digest = [0; 16];
        digest.copy_from_slice(&whole[..16]);
        Self(digest)
    }
}

#[cfg(test)]
mod tests {
    use super::{Digest, Salt, SecretKind};
    use crate::ClueId;

    #[test]
    fn depends_on_all_that_goes_in() {
        let (pier, crate_) = (ClueId::new("pier").unwrap(), ClueId::new("crate").unwrap());
        let salt = Salt([7; 16]);
        let digest = Digest::of(&salt, &pier, SecretKind::Answer, "aurora");
        assert_eq!(
            digest,
            Digest::of(&salt, &pier, SecretKind::Answer, "aurora")
        );
        for other in [
            Digest::of(&Salt([8; 16]), &pier, SecretKind::Answer, "aurora"),
            Digest::of(&salt, &crate_, SecretKind::Answer, "aurora"),
            Digest::of(&salt, &pier, SecretKind::Code, "aurora"),
            Digest::of(&salt, &pier, SecretKind::Answer, "aurorb"),
        ] {
            assert_ne!(digest, other);
        }
    }

    #[test]
    fn is_never_shown() {
        let salt = Salt([7; 16]);
        let digest = Digest::of(&salt, &ClueId::new("pier").unwrap(), SecretKind::Code, "x");
        assert_eq!(format!("{salt:?} {digest:?}"), "Salt(…) Digest(…)");
    }
}
