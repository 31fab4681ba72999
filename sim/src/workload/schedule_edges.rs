//! Solves race with open, freeze, close, and with scheduled ones.

use super::hunts::harbour;
use super::{Operation, Scene, Stage};

/// Hunts, one after the other.
const HUNTS: u64 = 10;
/// From the opening of one to that of the next.
const EVERY_MS: u64 = 5_000;

pub(super) fn scene() -> Scene {
    let stages = (0..HUNTS).map(stage).collect();
    Scene {
        punctual_percent: 50,
        operations: vec![
            (3, Operation::Open),
            (2, Operation::Freeze),
            (1, Operation::Close),
            (3, Operation::Replace),
            (1, Operation::Restock),
        ],
        ..Scene::of(stages)
    }
}

/// Some play for a while, some open, freeze and close almost at once, and some would freeze before anybody opened them.
fn stage(nth: u64) -> Stage {
    let opens = 500 + nth * EVERY_MS;
    let stage = harbour(&format!("edge-{nth}"), 10);
    match nth % 4 {
        0 => stage.scheduled(opens, opens + 10_000, opens + 20_000),
        1 => stage.scheduled(opens, opens + 1, opens + 2),
        2 => stage.scheduled(opens, opens + 2_000, opens + 2_500),
        _ => stage
            .timed(None, Some(opens), Some(opens + 15_000))
            .left_unopened(),
    }
}
