//! `hunt::Leaderboard` against a sorted map, also with more players than any simulated hunt has.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use hunt::{BoardKey, Leaderboard, Millis, PlayerId};

use crate::draw::Chance;
use crate::oracle::Evidence;

/// Changes of a board.
const CHANGES: u64 = 1_500;
/// A big one first has so many places that its parts have parts, several of them, and then changes so often.
const MANY: u64 = 150_000;
const MANY_CHANGES: u64 = 20_000;
/// One seed of so many that try a board has a big one.
const BIG_EVERY: u64 = 40;
/// A comparison comes after so many changes.
const LOOKS: u64 = 40;
/// Scores are so few that many players have the same.
const SCORES: u64 = 60;

/// Places by the order that the product tells: most points first, of equals who came first.
type Sorted = BTreeMap<(Reverse<u64>, u64), PlayerId>;

pub(super) fn check(_: &Evidence<'_>, chance: &mut Chance) -> Result<(), String> {
    let (fill, changes) = match chance.below(BIG_EVERY) {
        0 => (MANY, MANY_CHANGES),
        _ => (0, CHANGES),
    };
    let (mut board, mut sorted) = (Leaderboard::default(), Sorted::new());
    for seq in 1..=fill + changes {
        if seq <= fill || chance.percent(70) || sorted.is_empty() {
            insert(&mut board, &mut sorted, chance.below(SCORES), seq);
        } else {
            remove(chance, &mut board, &mut sorted)?;
        }
        if seq % ((fill + changes) / LOOKS) == 0 {
            compare(chance, &board, &sorted)?;
        }
    }
    Ok(())
}

fn key(score: u64, seq: u64) -> BoardKey {
    BoardKey {
        score,
        seq,
        at: Millis(seq),
    }
}

fn insert(board: &mut Leaderboard, sorted: &mut Sorted, score: u64, seq: u64) {
    let player = PlayerId::new(&format!("p{seq}")).expect("letters and digits make an id");
    board.insert(key(score, seq), player.clone());
    sorted.insert((Reverse(score), seq), player);
}

fn remove(chance: &mut Chance, board: &mut Leaderboard, sorted: &mut Sorted) -> Result<(), String> {
    let from = (Reverse(chance.below(SCORES)), 0);
    let found = sorted.range(from..).next().map(|(place, _)| *place);
    let Some(place) = found.or_else(|| sorted.keys().next().copied()) else {
        return Ok(());
    };
    let (expected, removed) = (
        sorted.remove(&place),
        board.remove(&key(place.0.0, place.1)),
    );
    match expected == removed {
        true => Ok(()),
        false => Err(format!(
            "the leaderboard removes {removed:?} from {place:?}, where {expected:?} was"
        )),
    }
}

fn compare(chance: &mut Chance, board: &Leaderboard, sorted: &Sorted) -> Result<(), String> {
    if board.len() != sorted.len() as u64 || board.is_empty() != sorted.is_empty() {
        return Err(format!(
            "the leaderboard has {} players of {}",
            board.len(),
            sorted.len()
        ));
    }
    let place = (Reverse(chance.below(SCORES)), chance.below(CHANGES));
    let rank = 1 + sorted.range(..place).count() as u64;
    let found = board.rank(&key(place.0.0, place.1));
    if rank != found {
        return Err(format!("rank {found} of the leaderboard is rank {rank}"));
    }
    let from = chance.between(1, sorted.len() as u64 + 2);
    let limit = *chance.pick(&[0, 1, 10, 700, 3_000]);
    let skipped = usize::try_from(from - 1).unwrap_or(usize::MAX);
    let right = sorted.iter().skip(skipped).take(limit);
    let page = board.page(from, limit);
    let given = page
        .iter()
        .map(|(key, player)| ((Reverse(key.score), key.seq), player));
    match right.map(|(place, player)| (*place, player)).eq(given) {
        true => Ok(()),
        false => Err(format!(
            "{limit} places of the leaderboard from rank {from} on are not those of {} players",
            sorted.len()
        )),
    }
}
