//! Owners lose the store for about as long as a lease, and are asked all the while: who still answers from memory when
//! another owner has committed is found out.

use super::{Manners, Operation, Scene, hunts::harbours};

pub(super) fn scene() -> Scene {
    let hunts = ["ebb", "flood", "slack", "surge"];
    Scene {
        players: 2,
        shared_percent: 40,
        // What is refused changes all the time.
        operations: vec![
            (4, Operation::Freeze),
            (4, Operation::Open),
            (2, Operation::Restock),
        ],
        manners: Manners {
            timeout_ms: (200, 1_500),
            ..Manners::default()
        },
        ..Scene::of(harbours(&hunts, 40))
    }
}
