//! Hunts as nobody would write them: clues, unlocks, awards and times as the seed has it.

use serde_json::{Value, json};

use super::hunts::open;
use super::stage::{ClueKind, Stage, clue, moment, treasure};
use super::{Move, Operation, Scene};
use crate::draw::Chance;

/// Ids in no order; the last one is as long as an id may be.
const NAMES: [&str; 9] = [
    "zebra",
    "apple",
    "m-17",
    "0",
    "under_score",
    "kiwi",
    "b",
    "quite-a-long-name-for-a-thing",
    "the-longest-name-that-a-thing-can-have-is-of-sixty-four-letters-",
];
/// Hunts that are long, of a hundred.
const LONG_PERCENT: u64 = 30;
/// Bytes of the text of a clue in a hunt that is long, and how many such clues it has: together they take several values
/// of the store.
const LONG_TEXT: usize = 8_000;
const LONG_CLUES: usize = 26;

pub(super) fn scene(mut chance: Chance) -> Scene {
    let stages = (0..chance.between(1, 3)).map(|nth| stage(&mut chance, nth));
    Scene {
        stages: stages.collect(),
        players: *chance.pick(&[1, 2, 20]),
        moves: vec![
            (5, Move::Join),
            (40, Move::Solve),
            (15, Move::Miss),
            (30, Move::Claim),
            (2, Move::WrongKind),
            (2, Move::Unknown),
            (3, Move::Again),
            (3, Move::Batch { max: 8 }),
        ],
        punctual_percent: 20,
        operations: vec![
            (6, Operation::Replace),
            (6, Operation::Restock),
            (2, Operation::RestockTooMuch),
            (2, Operation::Open),
            (1, Operation::Freeze),
        ],
        ..Scene::of(Vec::new())
    }
}

fn stage(chance: &mut Chance, nth: u64) -> Stage {
    let times = times(chance);
    let treasures = chance.between(1, 7) as usize;
    let clues = chance.between(if treasures > 0 { 0 } else { 1 }, 8) as usize;
    let awards: Vec<Value> = (0..treasures).map(|_| award(chance, clues)).collect();
    let is_long = chance.percent(LONG_PERCENT);
    let mut grants = vec![Vec::new(); clues];
    for (index, _) in awards
        .iter()
        .enumerate()
        .filter(|(_, it)| **it == "on_solve")
    {
        // Each by one clue, and some by another as well.
        let first = chance.below(clues as u64) as usize;
        let second = chance.below(clues as u64) as usize;
        grants[first].push(NAMES[index]);
        if second != first && chance.percent(40) {
            grants[second].push(NAMES[index]);
        }
    }
    let clues = (0..clues).map(|index| {
        let kind = *chance.pick(&[ClueKind::Answer, ClueKind::CheckIn, ClueKind::Scan]);
        let unlock = unlock(chance, index, &times);
        let mut made = clue(&name(index), kind, &unlock, &grants[index]);
        made["points"] = (*chance.pick(&[0, 1, 7, 100, 1_000_000])).into();
        made
    });
    let mut clues: Vec<Value> = clues.collect();
    if is_long {
        clues.extend((0..LONG_CLUES).map(pages));
    }
    let treasures = awards.iter().enumerate().map(|(index, award)| {
        let stock = *chance.pick(&[None, Some(0), Some(1), Some(3), Some(40)]);
        let per_player = *chance.pick(&[1, 1, 2, 4]);
        treasure(NAMES[index], stock, per_player, award)
    });
    let treasures: Vec<Value> = treasures.collect();
    let id = if nth == 2 {
        NAMES[8]
    } else {
        ["odd", "even"][nth as usize % 2]
    };
    Stage::new(id, clues, treasures)
        .extra_tried()
        .timed(times.opens, times.freezes, times.closes)
        .guessed(guesses(chance))
}

/// A clue of which there is much to read.
fn pages(nth: usize) -> Value {
    let mut made = clue(&format!("page-{nth}"), ClueKind::Scan, &open(), &[]);
    made["text"] = Value::String("ü".repeat(LONG_TEXT / 2));
    made
}

/// When the hunt goes on by itself, in milliseconds after the start; none is when an operator says so.
struct Times {
    opens: Option<u64>,
    freezes: Option<u64>,
    closes: Option<u64>,
}

fn times(chance: &mut Chance) -> Times {
    let opens = chance.between(300, 8_000);
    let freezes = opens + chance.between(1, 20_000);
    let closes = freezes + chance.between(1, 20_000);
    let mut some = |percent: u64, at: u64| chance.percent(percent).then_some(at);
    Times {
        opens: some(40, opens),
        freezes: some(30, freezes),
        closes: some(30, closes),
    }
}

fn name(clue: usize) -> String {
    NAMES[NAMES.len() - 1 - clue].to_owned()
}

fn award(chance: &mut Chance, clues: usize) -> Value {
    let some = |chance: &mut Chance| -> Vec<String> {
        (0..clues)
            .filter(|_| chance.percent(25))
            .map(name)
            .collect()
    };
    match chance.below(4) {
        0 if clues > 0 => json!("on_solve"),
        1 if clues > 0 => json!({ "first_to_solve": name(chance.below(clues as u64) as usize) }),
        _ => json!({ "claim": { "requires": some(chance) } }),
    }
}

/// Only what comes before can unlock, so that all can be solved.
fn unlock(chance: &mut Chance, index: usize, times: &Times) -> Value {
    let before: Vec<String> = (0..index)
        .filter(|_| chance.percent(60))
        .map(name)
        .collect();
    match chance.below(5) {
        0 if !before.is_empty() => json!({ "after": before }),
        1 | 2 if !before.is_empty() => {
            let count = chance.between(1, before.len() as u64);
            json!({ "any": count, "of": before })
        }
        3 => {
            let at = chance.between(500, 20_000);
            let latest = times.closes.map_or(u64::MAX, |closes| closes - 1);
            json!({ "at": moment(at.min(latest)) })
        }
        _ => open(),
    }
}

fn guesses(chance: &mut Chance) -> Value {
    let per_clue = *chance.pick(&[None, Some(1), Some(2), Some(6)]);
    let cooldown_ms = *chance.pick(&[0, 0, 40, 900]);
    match chance.percent(20) {
        true => json!({}),
        false => json!({ "per_clue": per_clue, "cooldown_ms": cooldown_ms }),
    }
}
