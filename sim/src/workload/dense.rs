//! As many commands at once as possible.

use super::{Manners, Move, Scene, hunts::harbours};

pub(super) fn scene() -> Scene {
    let hunts = ["a", "b", "c", "d", "e", "f", "g", "h"];
    Scene {
        players: 20,
        shared_percent: 0,
        moves: vec![
            (10, Move::Join),
            (45, Move::Solve),
            (5, Move::Miss),
            (40, Move::Claim),
        ],
        operations: Vec::new(),
        manners: Manners {
            timeout_ms: (10_000, 10_000),
            overlap_percent: 0,
            give_up_percent: 0,
            ask_again_percent: 0,
        },
        ..Scene::of(harbours(&hunts, 1_000_000))
    }
}
