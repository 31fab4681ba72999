//! All rush for finite stock.

use super::{Move, Scene, hunts::market};

pub(super) fn scene() -> Scene {
    Scene {
        players: 6,
        moves: vec![
            (70, Move::ClaimFirst),
            (15, Move::Claim),
            (10, Move::Solve),
            (5, Move::Batch { max: 8 }),
        ],
        operations: Vec::new(),
        ..Scene::of(vec![market("fair", 40), market("bazaar", 10)])
    }
}
