//! Makes tokens: for `hunt-engine token` and for development. The server itself only verifies.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use super::Role;

/// What a token says.
#[derive(Clone, Debug, Serialize)]
pub struct Claims {
    /// Whom it is for; for players, their id.
    pub sub: String,
    /// What its bearer may do.
    pub role: Role,
    /// Seconds since 1970 when it ends.
    pub exp: u64,
}

/// A token, signed with a shared secret.
pub fn sign_hs256(secret: &str, claims: &Claims) -> String {
    jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )
    .expect("HMAC takes any secret, and the claims are strings and a number")
}
