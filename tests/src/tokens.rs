//! Tokens as a platform would sign them.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;

/// The secret that the engines of the tests are started with.
pub const SECRET: &str = "the tests' own secret, 32 bytes or more of it";

/// The secret that the nodes of the tests' clusters share.
pub const CLUSTER_SECRET: &str = "the tests' clusters' secret, 32 bytes or more";

/// How long a token of the tests holds.
const TTL_S: i64 = 6 * 60 * 60;

/// What a token allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Acts for itself.
    Player,
    /// Acts for any player.
    Service,
    /// Makes and runs hunts.
    Operator,
}

#[derive(Serialize)]
struct Claims<'a> {
    sub: &'a str,
    role: Role,
    exp: i64,
}

/// A token that holds.
pub fn token(role: Role, sub: &str) -> String {
    token_with(role, sub, SECRET, TTL_S)
}

/// A token of any secret that holds from now for `ttl_s` seconds; a negative time has passed already.
///
/// # Panics
///
/// If the clock is before 1970.
pub fn token_with(role: Role, sub: &str, secret: &str, ttl_s: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let exp = now.as_secs() as i64 + ttl_s;
    let claims = Claims { sub, role, exp };
    let key = EncodingKey::from_secret(secret.as_bytes());
    encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap()
}
