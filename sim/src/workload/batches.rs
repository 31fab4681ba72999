//! Batches of commands, with repetitions inside.

use super::{Move, Scene, hunts::harbour};

pub(super) fn scene() -> Scene {
    Scene {
        players: 10,
        moves: vec![
            (70, Move::Batch { max: 40 }),
            (15, Move::Solve),
            (15, Move::Claim),
        ],
        ..Scene::of(vec![
            harbour("cargo", 60),
            harbour("freight", 20),
            harbour("parcel", 5),
        ])
    }
}
