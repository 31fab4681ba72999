//! Many solve the clue whose first solver wins.

use serde_json::json;

use super::hunts::open;
use super::stage::{ClueKind, Stage, clue, treasure};
use super::{Move, Scene};

/// Clues, each with a prize.
const PRIZES: u64 = 6;

pub(super) fn scene() -> Scene {
    Scene {
        players: 4,
        moves: vec![
            (40, Move::SolveFirst),
            (45, Move::Solve),
            (10, Move::Miss),
            (5, Move::Claim),
        ],
        operations: Vec::new(),
        ..Scene::of(vec![race("sprint"), race("relay"), race("marathon")])
    }
}

fn race(id: &str) -> Stage {
    let clues = (0..PRIZES).map(|it| clue(&format!("goal-{it}"), ClueKind::Answer, &open(), &[]));
    let treasures = (0..PRIZES).map(|it| {
        let award = json!({ "first_to_solve": format!("goal-{it}") });
        treasure(&format!("cup-{it}"), Some(it % 3 + 1), 1, &award)
    });
    Stage::new(id, clues.collect(), treasures.collect())
}
