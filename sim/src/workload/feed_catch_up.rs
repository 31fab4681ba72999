//! Feed consumers that crash and resume, far behind.

use super::{Scene, hunts::harbour};

pub(super) fn scene() -> Scene {
    let hunts = ["news", "gazette", "courier", "herald", "tribune"];
    Scene {
        players: 8,
        ..Scene::of(hunts.iter().map(|id| harbour(id, 50)).collect())
    }
}
