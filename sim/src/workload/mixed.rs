//! A bit of everything.

use super::hunts::{harbour, market};
use super::{Operation, Scene};

pub(super) fn scene() -> Scene {
    Scene {
        players: 5,
        operations: vec![
            (4, Operation::Replace),
            (6, Operation::Restock),
            (2, Operation::Open),
            (1, Operation::Freeze),
        ],
        ..Scene::of(vec![
            harbour("north", 20),
            harbour("south", 3),
            market("east", 10),
            harbour("west", 8).scheduled(3_000, 30_000, 45_000),
        ])
    }
}
