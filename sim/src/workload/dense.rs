//! As many commands as possible, few faults: measures the simulator.

use super::{Manners, Move, Scene, hunts::harbour};

pub(super) fn scene() -> Scene {
    let hunts = ["a", "b", "c", "d", "e", "f", "g", "h"];
    Scene {
        players: 50_000,
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
        ..Scene::of(hunts.iter().map(|id| harbour(id, 1_000_000)).collect())
    }
}
