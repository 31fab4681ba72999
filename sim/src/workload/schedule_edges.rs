//! Solves race with open, freeze, close, and with scheduled ones.

use super::hunts::harbour;
use super::{Operation, Scene, Stage};

/// Hunts, one after the other.
const HUNTS: u64 = 10;
/// From the opening of one to that of the next.
const EVERY_MS: u64 = 5_000;

/// Hunts that only their schedules open and close.
const LEFT_ALONE: u64 = 6;
/// After the end of every run.
const FAR_MS: u64 = 3_600_000;

pub(super) fn scene() -> Scene {
    let stages = (0..HUNTS).map(stage).collect();
    Scene {
        left_alone: (0..LEFT_ALONE).map(left_alone).collect(),
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

/// No command comes that could bring up what is due. Some stay open, with something far ahead in their schedules.
fn left_alone(nth: u64) -> Stage {
    let opens = 22_000 + nth * 7_000;
    let closes = match nth % 2 {
        0 => opens + 4_000,
        _ => FAR_MS,
    };
    harbour(&format!("alone-{nth}"), 3).timed(Some(opens), None, Some(closes))
}
