//! Far more players than memory holds: rows come and go.

use super::{Move, Scene, hunts::harbour};

pub(super) fn scene() -> Scene {
    Scene {
        players: 300,
        moves: vec![
            (6, Move::Join),
            (30, Move::Solve),
            (15, Move::Miss),
            (30, Move::Claim),
            (2, Move::WrongKind),
            (3, Move::Unknown),
            (4, Move::Again),
            (2, Move::ReuseKey),
            // Commands that come together ask for one row together.
            (20, Move::Batch { max: 8 }),
        ],
        ..Scene::of(vec![harbour("crowd", 200), harbour("throng", 200)])
    }
}
