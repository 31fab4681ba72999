//! Owners change all the time.

use super::{Manners, Scene, hunts::harbour};

pub(super) fn scene() -> Scene {
    let hunts = ["crown", "throne", "sceptre", "orb", "castle", "moat"];
    Scene {
        manners: Manners {
            overlap_percent: 20,
            ..Manners::default()
        },
        ..Scene::of(hunts.iter().map(|id| harbour(id, 12)).collect())
    }
}
