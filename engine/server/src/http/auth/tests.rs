//! Which tokens are taken, and why the others are not.

use expect_test::{Expect, expect};
use hunt::Millis;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::*;

const SECRET: &str = "an-example-secret-of-32-bytes-or-more";
const OTHER_SECRET: &str = "another-example-secret-of-32-bytes-or-more";
const NOW: Millis = Millis(1_000_000_000);
/// Made for this test alone: `openssl genpkey -algorithm ed25519`.
const PRIVATE_PEM: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAvw3SOBUCPWyFPUhXBQzO0dGz6VwOXJEph/MIJVh1Zc\n-----END PRIVATE KEY-----\n";
const PUBLIC_PEM: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA/7HFn7tThiOTd1HUUS8nI0WdqkZ5ThsLs3MhfL7TSdo=\n-----END PUBLIC KEY-----\n";

fn key(kid: Option<&str>, kind: KeyKind) -> KeySetting {
    KeySetting {
        kid: kid.map(str::to_owned),
        kind,
    }
}

fn secret(kid: Option<&str>, secret: &str) -> KeySetting {
    key(kid, KeyKind::Hs256Secret(secret.to_owned()))
}

fn public(kid: Option<&str>) -> KeySetting {
    key(kid, KeyKind::EdDsaPem(PUBLIC_PEM.to_owned()))
}

fn signed(secret: &str, claims: Value) -> String {
    header_signed(secret, Header::new(Algorithm::HS256), claims)
}

fn header_signed(secret: &str, header: Header, claims: Value) -> String {
    jsonwebtoken::encode(
        &header,
        &claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )
    .unwrap()
}

fn named(kid: &str) -> Header {
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(kid.to_owned());
    header
}

fn player() -> Value {
    json!({"sub": "p1", "role": "player", "exp": 1_000_060})
}

fn check(keys: &[KeySetting], token: &str, expected: Expect) {
    let keys = Keys::from_settings(keys).unwrap();
    let shown = match keys.verify(token.as_bytes(), NOW) {
        Ok(caller) => format!("{:?} {:?}", caller.role, caller.player),
        Err(fault) => fault.to_string(),
    };
    expected.assert_eq(&shown);
}

#[test]
fn takes_what_its_keys_signed() {
    let keys = [secret(None, SECRET), public(None)];
    check(
        &keys,
        &signed(SECRET, player()),
        expect![[r#"Player Some("p1")"#]],
    );
    let service = json!({"sub": "any text ü", "role": "service", "exp": 1_000_060.5, "iat": 7});
    check(&keys, &signed(SECRET, service), expect!["Service None"]);
    let pem = EncodingKey::from_ed_pem(PRIVATE_PEM.as_bytes()).unwrap();
    let operator = json!({"sub": "o", "role": "operator", "exp": 1_000_060});
    let token = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &operator, &pem).unwrap();
    check(&keys, &token, expect!["Operator None"]);
    check(
        &[secret(None, SECRET)],
        &token,
        expect!["the token's kid and alg fit none of the server's keys"],
    );
    let claims = Claims {
        sub: "p1".to_owned(),
        role: Role::Player,
        exp: 1_000_060,
    };
    check(
        &keys,
        &sign_hs256(SECRET, &claims),
        expect![[r#"Player Some("p1")"#]],
    );
}

#[test]
fn refuses_what_they_did_not() {
    let keys = [secret(None, SECRET), public(None)];
    check(
        &keys,
        &signed(OTHER_SECRET, player()),
        expect!["the token's signature does not hold"],
    );
    // {"alg":"none"} with the claims of a player and no signature.
    let claims = signed(SECRET, player())
        .split('.')
        .nth(1)
        .unwrap()
        .to_owned();
    check(
        &keys,
        &format!("eyJhbGciOiJub25lIn0.{claims}."),
        expect!["the token is not a JSON Web Token signed with HS256 or EdDSA"],
    );
    // The public key as a secret.
    check(
        &keys,
        &signed(PUBLIC_PEM, player()),
        expect!["the token's signature does not hold"],
    );
    check(
        &[public(None)],
        &signed(PUBLIC_PEM, player()),
        expect!["the token's kid and alg fit none of the server's keys"],
    );
    let hs384 = Header::new(Algorithm::HS384);
    check(
        &keys,
        &header_signed(SECRET, hs384, player()),
        expect!["the token's kid and alg fit none of the server's keys"],
    );
    let mut critical = Header::new(Algorithm::HS256);
    critical.crit = Some(vec!["b64".to_owned()]);
    check(
        &keys,
        &header_signed(SECRET, critical, player()),
        expect!["the token is not a JSON Web Token signed with HS256 or EdDSA"],
    );
    for junk in [
        "",
        "x",
        "a.b.c",
        "....",
        "\u{0}",
        "eyJhbGciOiJIUzI1NiJ9.e30.",
    ] {
        assert!(
            Keys::from_settings(&keys)
                .unwrap()
                .verify(junk.as_bytes(), NOW)
                .is_err(),
            "{junk}"
        );
    }
    check(
        &keys,
        &signed(SECRET, json!({"sub": "x".repeat(5_000)})),
        expect!["the token is not a JSON Web Token signed with HS256 or EdDSA"],
    );
    let token = signed(SECRET, player());
    for at in 0..token.len() {
        let mut flipped = token.clone().into_bytes();
        flipped[at] ^= 1;
        let verified = Keys::from_settings(&keys).unwrap().verify(&flipped, NOW);
        assert!(verified.is_err(), "taken with byte {at} flipped");
    }
}

#[test]
fn refuses_claims_that_do_not_hold() {
    let keys = [secret(None, SECRET)];
    let of = |claims: Value| signed(SECRET, claims);
    check(
        &keys,
        &of(json!({"sub": "p", "role": "player"})),
        expect![
            "the token needs `sub` (text), `role` (player, service or operator) and `exp` (seconds since 1970)"
        ],
    );
    check(
        &keys,
        &of(json!({"role": "player", "exp": 1_000_060})),
        expect![
            "the token needs `sub` (text), `role` (player, service or operator) and `exp` (seconds since 1970)"
        ],
    );
    check(
        &keys,
        &of(json!({"sub": "p", "exp": 1_000_060})),
        expect![
            "the token needs `sub` (text), `role` (player, service or operator) and `exp` (seconds since 1970)"
        ],
    );
    check(
        &keys,
        &of(json!({"sub": "p", "role": "admin", "exp": 1_000_060})),
        expect![
            "the token needs `sub` (text), `role` (player, service or operator) and `exp` (seconds since 1970)"
        ],
    );
    check(
        &keys,
        &of(json!({"sub": "p", "role": "player", "exp": "soon"})),
        expect![
            "the token needs `sub` (text), `role` (player, service or operator) and `exp` (seconds since 1970)"
        ],
    );
}

#[test]
fn refuses_subjects_and_times_that_do_not_hold() {
    let keys = [secret(None, SECRET)];
    let of = |claims: Value| signed(SECRET, claims);
    check(
        &keys,
        &of(json!({"sub": "p q", "role": "player", "exp": 1_000_060})),
        expect!["the token's `sub` is not a player's id: 1 to 64 visible ASCII characters"],
    );
    check(
        &keys,
        &of(json!({"sub": "", "role": "player", "exp": 1_000_060})),
        expect!["the token's `sub` is not a player's id: 1 to 64 visible ASCII characters"],
    );
    check(
        &keys,
        &of(json!({"sub": "p", "role": "player", "exp": 999_995})),
        expect!["the token has expired: get a new one"],
    );
    check(
        &keys,
        &of(json!({"sub": "p", "role": "player", "exp": 999_996})),
        expect![[r#"Player Some("p")"#]],
    );
    check(
        &keys,
        &of(json!({"sub": "p", "role": "player", "exp": -1})),
        expect![
            "the token needs `sub` (text), `role` (player, service or operator) and `exp` (seconds since 1970)"
        ],
    );
    check(
        &keys,
        &of(json!({"sub": "p", "role": "player", "exp": 1e300})),
        expect![
            "the token needs `sub` (text), `role` (player, service or operator) and `exp` (seconds since 1970)"
        ],
    );
    check(
        &keys,
        &of(json!({"sub": "p", "role": "player", "exp": 2e6, "nbf": 1_000_006})),
        expect!["the token is not valid yet"],
    );
    check(
        &keys,
        &of(json!({"sub": "p", "role": "player", "exp": 2e6, "aud": "else"})),
        expect!["the token names an audience, which this server is not"],
    );
}

#[test]
fn a_kid_selects_its_key() {
    let keys = [
        secret(Some("old"), SECRET),
        secret(Some("new"), OTHER_SECRET),
    ];
    check(
        &keys,
        &header_signed(OTHER_SECRET, named("new"), player()),
        expect![[r#"Player Some("p1")"#]],
    );
    check(
        &keys,
        &header_signed(OTHER_SECRET, named("old"), player()),
        expect!["the token's signature does not hold"],
    );
    check(
        &keys,
        &header_signed(SECRET, named("gone"), player()),
        expect!["the token's kid and alg fit none of the server's keys"],
    );
    check(
        &keys,
        &signed(OTHER_SECRET, player()),
        expect![[r#"Player Some("p1")"#]],
    );
    check(
        &[secret(None, SECRET)],
        &header_signed(SECRET, named("gone"), player()),
        expect![[r#"Player Some("p1")"#]],
    );
}

#[test]
fn refuses_keys_that_are_none() {
    let check = |keys: &[KeySetting], expected: Expect| {
        let made = Keys::from_settings(keys);
        expected.assert_eq(&made.map_or_else(|error| error.to_string(), |_| "taken".to_owned()));
    };
    check(
        &[],
        expect!["no key for tokens: set jwt_secret or jwt_public_key"],
    );
    check(
        &[secret(None, "short")],
        expect!["jwt_secret has 5 bytes: it needs at least 32"],
    );
    check(
        &[secret(Some("a"), SECRET), secret(Some("a"), OTHER_SECRET)],
        expect![[r#"two keys for tokens have the kid "a": give each its own"#]],
    );
    for pem in [
        "",
        "junk",
        PRIVATE_PEM,
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    ] {
        let expected =
            "jwt_public_key is not an Ed25519 public key in PEM (-----BEGIN PUBLIC KEY-----)";
        let made = Keys::from_settings(&[key(None, KeyKind::EdDsaPem(pem.to_owned()))]);
        assert_eq!(
            made.err().map(|error| error.to_string()),
            Some(expected.to_owned())
        );
    }
    check(
        &vec![secret(None, SECRET); 17],
        expect!["17 keys for tokens: at most 16 are allowed"],
    );
    assert_eq!(
        format!("{:?}", secret(None, SECRET)).find(SECRET),
        None,
        "secrets are not shown"
    );
}
