//! Feed consumers that crash and resume, far behind.

use super::{Scene, hunts::harbours};

pub(super) fn scene() -> Scene {
    let hunts = ["news", "gazette", "courier", "herald", "tribune"];
    Scene {
        players: 8,
        ..Scene::of(harbours(&hunts, 50))
    }
}
