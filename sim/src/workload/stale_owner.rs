//! Owners lose the store for about as long as a lease, and are asked all the while: who still answers from memory when
//! another owner has committed is found out.

use super::{Manners, Move, Operation, Scene, hunts::harbours};

/// Many for how little is done on each: an owner that has lost the store answers nothing more about a hunt that it could not
/// commit an event of, be it stale or not.
const HUNTS: [&str; 20] = [
    "ebb", "flood", "slack", "surge", "neap", "spring", "swell", "drift", "bore", "eddy", "rip",
    "wake", "foam", "spray", "crest", "trough", "shoal", "reef", "sound", "strait",
];

pub(super) fn scene() -> Scene {
    let mut scene = Scene::of(harbours(&HUNTS, 40));
    // Much happens at once, wherever it can: most clients wait most of the time for an owner who is away.
    scene.moves.push((80, Move::Batch { max: 16 }));
    Scene {
        players: 2,
        shared_percent: 40,
        // What is refused changes all the time.
        operations: vec![
            (3, Operation::Freeze),
            (3, Operation::Open),
            (2, Operation::Restock),
            (8, Operation::Back),
        ],
        manners: Manners {
            timeout_ms: (50, 400),
            ..Manners::default()
        },
        ..scene
    }
}
