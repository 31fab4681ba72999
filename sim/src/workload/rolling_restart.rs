//! Nodes are drained and restarted one by one while players play.

use super::{Scene, hunts::harbours};

pub(super) fn scene() -> Scene {
    let hunts = ["wheel", "cog", "gear", "belt"];
    Scene::of(harbours(&hunts, 25))
}
