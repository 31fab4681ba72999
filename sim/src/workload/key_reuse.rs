//! One key is used for two commands.

use super::{Move, Operation, Scene, hunts::harbour};

pub(super) fn scene() -> Scene {
    Scene {
        moves: vec![
            (30, Move::ReuseKey),
            (20, Move::Again),
            (20, Move::Solve),
            (10, Move::Miss),
            (20, Move::Claim),
        ],
        operations: vec![
            (50, Operation::Restock),
            (40, Operation::ReuseKey),
            (10, Operation::Replace),
        ],
        ..Scene::of(vec![harbour("locks", 15), harbour("doors", 15)])
    }
}
