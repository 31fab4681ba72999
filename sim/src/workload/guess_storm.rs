//! Guesses at the cap, with cooldowns.

use serde_json::json;

use super::{Move, Scene, hunts::harbour};

pub(super) fn scene() -> Scene {
    Scene {
        players: 2,
        shared_percent: 30,
        moves: vec![
            (75, Move::Miss),
            (12, Move::Solve),
            (5, Move::WrongKind),
            (5, Move::Again),
            (3, Move::Batch { max: 10 }),
        ],
        ..Scene::of(vec![
            harbour("riddles", 20).guesses(3, 500),
            harbour("puzzles", 20).guesses(20, 0),
            harbour("enigmas", 20).guessed(json!({ "per_clue": null, "cooldown_ms": 700 })),
        ])
    }
}
