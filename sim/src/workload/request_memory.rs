//! Requests are asked again when they are just about to be forgotten. What each player does takes effect, so that how
//! long ago a request was tells whether the engine must still know it.

use serde_json::Value;

use super::hunts::open;
use super::stage::{ClueKind, Stage, claimed, clue};
use super::{Manners, Move, Operation, Scene};

/// More than all players may take, and than one of them will.
const STAMPS: u64 = 1_000_000;
const STAMPS_EACH: u32 = 1_000;

pub(super) fn scene() -> Scene {
    let clues = vec![clue("wall", ClueKind::Answer, &open(), &[])];
    let treasures = vec![
        claimed("stamp", Some(STAMPS), STAMPS_EACH, &[]),
        claimed("coin", Some(1), 1, &[]),
    ];
    let archive = Stage::new("archive", clues, treasures).guessed(Value::Null);
    Scene {
        players: 1,
        shared_percent: 0,
        moves: vec![
            (50, Move::Miss),
            (10, Move::ClaimFirst),
            (40, Move::LongAgo),
        ],
        operations: vec![(70, Operation::Restock), (30, Operation::LongAgo)],
        manners: Manners {
            give_up_percent: 0,
            ..Manners::default()
        },
        ..Scene::of(vec![archive])
    }
}
