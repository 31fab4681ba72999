//! Hunts that several workloads use.

use serde_json::{Value, json};

use super::stage::{ClueKind, Stage, claimed, clue, moment, treasure};

/// Unlocked from the beginning.
pub(super) fn open() -> Value {
    Value::from("open")
}

/// A hunt with a bit of everything: all kinds of clues, unlocks and awards.
pub(super) fn harbour(id: &str, stock: u64) -> Stage {
    let clues = vec![
        clue("pharos", ClueKind::Answer, &open(), &["key"]),
        clue(
            "pier",
            ClueKind::CheckIn,
            &json!({ "after": ["pharos"] }),
            &[],
        ),
        clue(
            "crate",
            ClueKind::Scan,
            &json!({ "any": 1, "of": ["pharos", "pier"] }),
            &["medal"],
        ),
        clue("buoy", ClueKind::Answer, &open(), &[]),
        clue(
            "midnight",
            ClueKind::Answer,
            &json!({ "at": moment(20_000) }),
            &[],
        ),
    ];
    let treasures = vec![
        claimed("coin", Some(stock), 1, &[]),
        treasure("key", None, 1, &json!("on_solve")),
        treasure("medal", Some(stock / 2 + 1), 1, &json!("on_solve")),
        claimed("gem", Some(stock), 2, &["pier", "crate"]),
        claimed("badge", None, 3, &[]),
        treasure("first", Some(3), 1, &json!({ "first_to_solve": "buoy" })),
    ];
    Stage::new(id, clues, treasures).guesses(5, 300)
}

/// Such a hunt for each of these ids.
pub(super) fn harbours(ids: &[&str], stock: u64) -> Vec<Stage> {
    ids.iter().map(|id| harbour(id, stock)).collect()
}

/// A hunt of which some things are finite, one of whose clues is worth two at once, and the other one of those again.
pub(super) fn market(id: &str, stock: u64) -> Stage {
    let grants = ["token", "ribbon"];
    let clues = vec![
        clue("gate", ClueKind::Answer, &open(), &grants),
        clue("yard", ClueKind::Scan, &open(), &["token"]),
    ];
    let treasures = vec![
        claimed("coin", Some(stock), 1, &[]),
        claimed("gem", Some(stock / 3 + 1), 1, &["gate"]),
        claimed("pair", Some(stock), 2, &[]),
        treasure("token", None, 1, &json!("on_solve")),
        treasure("ribbon", None, 1, &json!("on_solve")),
    ];
    Stage::new(id, clues, treasures)
}
