//! The keys that tokens are signed with. Each key has ONE algorithm: what a token says of itself only ever selects among
//! the keys of that algorithm, so `alg: none` and a public key used as a secret lead nowhere.

use hunt::{Millis, PlayerId};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, errors::ErrorKind};
use serde::Deserialize;

use super::{Caller, Role};
use crate::http::settings::{KEYS_MAX, SECRET_BYTES_MIN, TOKEN_BYTES_MAX, TOKEN_LEEWAY_S};

/// A key, as an operator sets it.
#[derive(Clone)]
pub struct KeySetting {
    /// Its name; a token that names it in `kid` is verified with it alone.
    pub kid: Option<String>,
    /// The key itself.
    pub kind: KeyKind,
}

/// The key itself.
#[derive(Clone)]
pub enum KeyKind {
    /// HS256: a secret that both sides share, of at least 32 bytes.
    Hs256Secret(String),
    /// EdDSA (Ed25519): the public key, in PEM.
    EdDsaPem(String),
}

impl std::fmt::Debug for KeySetting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeySetting")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// Why keys can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// None at all.
    #[error("no key for tokens: set jwt_secret or jwt_public_key")]
    Missing,
    /// More than the limit.
    #[error("{found} keys for tokens: at most {KEYS_MAX} are allowed")]
    TooMany {
        /// How many.
        found: usize,
    },
    /// A secret that could be guessed.
    #[error("jwt_secret has {bytes} bytes: it needs at least {SECRET_BYTES_MIN}")]
    SecretTooShort {
        /// How many.
        bytes: usize,
    },
    /// Not a public key.
    #[error("jwt_public_key is not an Ed25519 public key in PEM (-----BEGIN PUBLIC KEY-----)")]
    NotEd25519,
    /// Two keys of one name.
    #[error("two keys for tokens have the kid {kid:?}: give each its own")]
    SameKid {
        /// The name.
        kid: String,
    },
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// Not a JSON Web Token that this server reads.
    #[error("the token is not a JSON Web Token signed with HS256 or EdDSA")]
    Unreadable,
    /// Its kid and algorithm fit none of the keys.
    #[error("the token's kid and alg fit none of the server's keys")]
    UnknownKey,
    /// The signature is not by the key.
    #[error("the token's signature does not hold")]
    Signature,
    /// A claim is missing or not of its type.
    #[error(
        "the token needs `sub` (text), `role` (player, service or operator) and `exp` (seconds since 1970)"
    )]
    Claims,
    /// The player's id is not one.
    #[error("the token's `sub` is not a player's id: 1 to 64 visible ASCII characters")]
    Subject,
    /// It is for somebody else.
    #[error("the token names an audience, which this server is not")]
    Audience,
    /// Its time is over.
    #[error("the token has expired: get a new one")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    Early,
}

/// The keys that tokens are verified with.
pub struct Keys {
    keys: Vec<Key>,
}

struct Key {
    kid: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
    validation: Validation,
}

#[derive(Deserialize)]
struct TokenClaims {
    sub: String,
    role: Role,
    exp: f64,
    nbf: Option<f64>,
}

impl Keys {
    /// Checks and prepares the keys.
    pub fn from_settings(settings: &[KeySetting]) -> Result<Self, KeyError> {
        match settings.len() {
            0 => return Err(KeyError::Missing),
            found if found > KEYS_MAX => return Err(KeyError::TooMany { found }),
            _ => {}
        }
        let mut keys: Vec<Key> = Vec::with_capacity(settings.len());
        for setting in settings {
            if let Some(kid) = &setting.kid
                && keys.iter().any(|key| key.kid.as_ref() == Some(kid))
            {
                return Err(KeyError::SameKid { kid: kid.clone() });
            }
            keys.push(Key::from_setting(setting)?);
        }
        Ok(Self { keys })
    }

    /// Who bears the token, at this moment.
    pub fn verify(&self, token: &[u8], now: Millis) -> Result<Caller, TokenFault> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenFault::Unreadable);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenFault::Unreadable)?;
        // RFC 7515, 4.1.11: extensions that must be understood, and are not.
        if header.crit.is_some() {
            return Err(TokenFault::Unreadable);
        }
        let mut fault = TokenFault::UnknownKey;
        for key in self.candidates(header.kid.as_deref(), header.alg) {
            match jsonwebtoken::decode::<TokenClaims>(token, &key.key, &key.validation) {
                Ok(data) => return caller(data.claims, now),
                Err(error) => fault = fault_of(error.kind()),
            }
            if fault != TokenFault::Signature {
                break;
            }
        }
        Err(fault)
    }

    /// The key of that name, or else those that have no name; all of them if the token names none.
    fn candidates(&self, kid: Option<&str>, algorithm: Algorithm) -> impl Iterator<Item = &Key> {
        let named = kid.filter(|kid| self.keys.iter().any(|key| key.kid.as_deref() == Some(kid)));
        self.keys.iter().filter(move |key| {
            let fits = match (kid, named) {
                (None, _) => true,
                (Some(_), Some(named)) => key.kid.as_deref() == Some(named),
                (Some(_), None) => key.kid.is_none(),
            };
            fits && key.algorithm == algorithm
        })
    }
}

impl Key {
    fn from_setting(setting: &KeySetting) -> Result<Self, KeyError> {
        let (algorithm, key) = match &setting.kind {
            KeyKind::Hs256Secret(secret) if secret.len() < SECRET_BYTES_MIN => {
                return Err(KeyError::SecretTooShort {
                    bytes: secret.len(),
                });
            }
            KeyKind::Hs256Secret(secret) => (
                Algorithm::HS256,
                DecodingKey::from_secret(secret.as_bytes()),
            ),
            KeyKind::EdDsaPem(pem) => (Algorithm::EdDSA, ed25519(pem)?),
        };
        let mut validation = Validation::new(algorithm);
        // Times are checked against the Host's clock, see `caller`.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Ok(Self {
            kid: setting.kid.clone(),
            algorithm,
            key,
            validation,
        })
    }
}

const ED25519_BYTES: usize = 32;

fn ed25519(pem: &str) -> Result<DecodingKey, KeyError> {
    let key = DecodingKey::from_ed_pem(pem.as_bytes()).map_err(|_| KeyError::NotEd25519)?;
    if key
        .try_get_as_bytes()
        .is_ok_and(|bytes| bytes.len() == ED25519_BYTES)
    {
        // Whether the bytes are a point of the curve is only seen when something is verified.
        jsonwebtoken::crypto::verify("", b"", &key, Algorithm::EdDSA)
            .map_err(|_| KeyError::NotEd25519)?;
        return Ok(key);
    }
    Err(KeyError::NotEd25519)
}

fn caller(claims: TokenClaims, now: Millis) -> Result<Caller, TokenFault> {
    let leeway_ms = TOKEN_LEEWAY_S * 1_000;
    if !claims.exp.is_finite() || claims.nbf.is_some_and(|nbf| !nbf.is_finite()) {
        return Err(TokenFault::Claims);
    }
    // Saturates: a time beyond all times is the last.
    let expires_at = Millis((claims.exp * 1_000.0) as u64).plus(leeway_ms);
    if now >= expires_at {
        return Err(TokenFault::Expired);
    }
    if claims
        .nbf
        .is_some_and(|nbf| (nbf * 1_000.0) as u64 > now.0.saturating_add(leeway_ms))
    {
        return Err(TokenFault::Early);
    }
    let player = match claims.role {
        Role::Player => Some(PlayerId::new(&claims.sub).map_err(|_| TokenFault::Subject)?),
        Role::Service | Role::Operator => None,
    };
    Ok(Caller {
        role: claims.role,
        player,
        expires_at,
    })
}

fn fault_of(error: &ErrorKind) -> TokenFault {
    match error {
        ErrorKind::InvalidSignature => TokenFault::Signature,
        ErrorKind::MissingRequiredClaim(_)
        | ErrorKind::InvalidClaimFormat(_)
        | ErrorKind::Json(_) => TokenFault::Claims,
        ErrorKind::InvalidAudience => TokenFault::Audience,
        _ => TokenFault::Unreadable,
    }
}
