//! Far more players than memory holds: rows come and go.

use super::{Move, Scene, hunts::harbour};

pub(super) fn scene() -> Scene {
    let mut scene = Scene::of(vec![harbour("crowd", 200), harbour("throng", 200)]);
    scene.players = 300;
    // Commands that come together ask for one row together.
    let is_batch = |it: &Move| matches!(it, Move::Batch { .. });
    scene.moves.retain(|(_, it)| !is_batch(it));
    scene.moves.push((20, Move::Batch { max: 8 }));
    scene
}
