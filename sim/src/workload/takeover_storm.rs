//! Owners change all the time.

use super::{Manners, Scene, hunts::harbours};

pub(super) fn scene() -> Scene {
    let hunts = ["crown", "throne", "sceptre", "orb", "castle", "moat"];
    Scene {
        manners: Manners {
            overlap_percent: 20,
            ..Manners::default()
        },
        ..Scene::of(harbours(&hunts, 12))
    }
}
