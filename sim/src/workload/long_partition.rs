//! Nodes are apart for long.

use super::{Manners, Scene, hunts::harbours};

pub(super) fn scene() -> Scene {
    let hunts = ["island", "strait", "isthmus", "bay"];
    Scene {
        manners: Manners {
            timeout_ms: (300, 2_000),
            overlap_percent: 30,
            ..Manners::default()
        },
        ..Scene::of(harbours(&hunts, 15))
    }
}
