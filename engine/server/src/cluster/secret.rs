//! The secret that all nodes of a cluster share. It never leaves the process: what goes over a link is the proof that one
//! has it, over what both sides have just said (HMAC-SHA256, RFC 2104).

use std::fmt;

use ring::hmac;

/// Bytes of the secret at least.
pub const SECRET_BYTES_MIN: usize = 32;

/// Bytes of a proof.
pub(super) const PROOF_BYTES: usize = 32;

/// The secret of a cluster. Its `Debug` hides it.
#[derive(Clone)]
pub struct Secret(hmac::Key);

/// It could be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the secret has {0} bytes: it needs at least {SECRET_BYTES_MIN}, for example of `openssl rand -hex 32`"
)]
pub struct SecretTooShort(usize);

/// Which side proves: one side's proof is never good for the other's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Who dialled.
    Dialler,
    /// Who was called.
    Receiver,
}

impl Secret {
    /// Takes the secret as it is in the settings.
    pub fn new(text: &str) -> Result<Self, SecretTooShort> {
        match text.len() {
            bytes if bytes < SECRET_BYTES_MIN => Err(SecretTooShort(bytes)),
            _ => Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes()))),
        }
    }

    /// The proof of one side over what was said.
    pub(super) fn prove(&self, side: Side, said: &[u8]) -> [u8; PROOF_BYTES] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(side.name());
        context.update(said);
        let mut proof = [0; PROOF_BYTES];
        proof.copy_from_slice(context.sign().as_ref());
        proof
    }

    /// Whether `proof` is that of the side; takes equally long wherever it differs.
    pub(super) fn is_proven(&self, side: Side, said: &[u8], proof: &[u8]) -> bool {
        let message = [side.name(), said].concat();
        hmac::verify(&self.0, &message, proof).is_ok()
    }
}

impl Side {
    fn name(self) -> &'static [u8] {
        match self {
            Self::Dialler => b"hunt link, the dialler:  ",
            Self::Receiver => b"hunt link, the receiver: ",
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text).expect("it is long enough")
    }

    #[test]
    fn a_proof_holds_for_one_secret_one_side_and_one_greeting() {
        let (ours, other) = (secret(&"a".repeat(32)), secret(&"b".repeat(32)));
        let proof = ours.prove(Side::Dialler, b"said");
        assert!(ours.is_proven(Side::Dialler, b"said", &proof));
        assert!(!ours.is_proven(Side::Receiver, b"said", &proof));
        assert!(!ours.is_proven(Side::Dialler, b"Said", &proof));
        assert!(!ours.is_proven(Side::Dialler, b"said", &proof[..31]));
        assert!(!other.is_proven(Side::Dialler, b"said", &proof));
    }

    #[test]
    fn a_short_secret_is_refused_and_none_is_shown() {
        let error = Secret::new("hush").expect_err("it is short");
        assert!(error.to_string().contains("4 bytes"), "{error}");
        assert_eq!(format!("{:?}", secret(&"a".repeat(32))), "Secret(…)");
    }
}
