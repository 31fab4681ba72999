//! Nodes are drained and restarted one by one while players play.

use super::{Scene, hunts::harbour};

pub(super) fn scene() -> Scene {
    let hunts = ["wheel", "cog", "gear", "belt"];
    Scene::of(hunts.iter().map(|id| harbour(id, 25)).collect())
}
