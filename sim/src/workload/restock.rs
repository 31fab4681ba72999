//! Restocks while claims go on.

use super::{Move, Operation, Scene, hunts::market};

pub(super) fn scene() -> Scene {
    Scene {
        players: 8,
        moves: vec![(60, Move::ClaimFirst), (30, Move::Claim), (10, Move::Solve)],
        operations: vec![
            (10, Operation::Restock),
            (1, Operation::RestockTooMuch),
            (1, Operation::Replace),
        ],
        ..Scene::of(vec![market("shop", 1), market("stall", 1)])
    }
}
