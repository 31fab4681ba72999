//! Nodes are apart for long.

use super::{Manners, Scene, hunts::harbour};

pub(super) fn scene() -> Scene {
    let hunts = ["island", "strait", "isthmus", "bay"];
    Scene {
        manners: Manners {
            timeout_ms: (300, 2_000),
            overlap_percent: 30,
            ..Manners::default()
        },
        ..Scene::of(hunts.iter().map(|id| harbour(id, 15)).collect())
    }
}
