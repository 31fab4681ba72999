//! Far more players than memory holds: rows come and go.

use super::{Scene, hunts::harbour};

pub(super) fn scene() -> Scene {
    Scene {
        players: 300,
        ..Scene::of(vec![harbour("crowd", 200), harbour("throng", 200)])
    }
}
