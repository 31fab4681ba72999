//! Hunts that tests play.

use serde_json::{Value, json};

use crate::client::Client;
use crate::request::Request;
use crate::tokens::{Role, token};

/// The answer of the clue `riddle`. It must never leave the engine.
pub const ANSWER: &str = "quicksilver magpie";

/// The code of the clue `crate`. It must never leave the engine.
pub const CODE: &str = "CRATE-7F3A-ZEBRA";

/// A hunt with every way to solve: `riddle` (answer, grants `badge`), `crate` (code), `pier` (check-in), and with coins
/// to claim (`coin`, of which there are so many), badges without end and three prizes for the first at `crate`.
pub fn coins(id: &str, coins: u64) -> Value {
    json!({
        "id": id,
        "title": "Coins",
        "clues": [
            { "id": "riddle", "title": "A riddle", "points": 10, "solve": { "answer": [ANSWER] }, "grants": ["badge"] },
            { "id": "crate", "title": "A crate", "points": 20, "solve": { "scan": [CODE] }, "unlock": { "after": ["riddle"] } },
            { "id": "pier", "title": "A pier", "points": 5, "solve": { "check_in": { "lat": 54.3233, "lon": 10.1394, "radius_m": 60 } } },
        ],
        "treasures": [
            { "id": "badge", "title": "Badge", "stock": null, "per_player": 1, "award": "on_solve" },
            { "id": "coin", "title": "Coin", "stock": coins, "per_player": 1, "award": { "claim": { "requires": [] } } },
            { "id": "pebble", "title": "Pebble", "stock": null, "per_player": 3, "award": { "claim": { "requires": [] } } },
            { "id": "prize", "title": "Prize", "stock": 3, "per_player": 1, "award": { "first_to_solve": "crate" } },
        ],
    })
}

/// Puts a hunt and opens it.
///
/// # Panics
///
/// If either is refused.
pub fn put_open(client: &mut Client, hunt: &Value) {
    put(client, hunt);
    let path = format!("/v1/hunts/{}/open", hunt["id"].as_str().unwrap());
    let open = Request::post(&path).token(&token(Role::Operator, "tests"));
    let answer = client.ask(&open).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// Puts a hunt.
///
/// # Panics
///
/// If it is refused.
pub fn put(client: &mut Client, hunt: &Value) {
    let path = format!("/v1/hunts/{}", hunt["id"].as_str().unwrap());
    let put = Request::put(&path)
        .token(&token(Role::Operator, "tests"))
        .body(hunt.to_string());
    let answer = client.ask(&put).unwrap();
    assert_eq!(answer.status, 201, "{}", answer.text());
}
