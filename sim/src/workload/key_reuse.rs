//! One key is used for two commands.

use super::{Move, Scene, hunts::harbour};

pub(super) fn scene() -> Scene {
    Scene {
        moves: vec![
            (30, Move::ReuseKey),
            (20, Move::Again),
            (20, Move::Solve),
            (10, Move::Miss),
            (20, Move::Claim),
        ],
        ..Scene::of(vec![harbour("locks", 15), harbour("doors", 15)])
    }
}
