//! Parts of the engine that simulated players reach rarely or never, each tried alone with what the seed draws, against
//! a second account of what it should do: limits, spellings, bytes, boards of hundreds of thousands, the store's API.

mod board;
mod bytes;
mod definitions;
mod edges;
mod ids;
mod ids_of_shards;
mod moments;
mod positions;
mod promises;
mod spellings;
mod timeless;

use super::{Evidence, failure};
use crate::draw::Chance;
use crate::outcome::Failure;

/// Tries one part; says what is wrong with it.
type Part = fn(&Evidence<'_>, &mut Chance) -> Result<(), String>;

/// Keeps what is drawn here apart from all else that is drawn from the seed.
const PARTS: u64 = 0x7061_7274;

/// What every seed tries.
const EACH: &[Part] = &[
    bytes::check,
    definitions::check,
    ids::check,
    ids_of_shards::check,
    moments::check,
    positions::check,
    spellings::check,
];

/// What takes as long as a tenth of a run: each seed tries one of them in turn.
const IN_TURN: [Part; 2] = [board::check, promises::check];

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let chance = Chance::new(evidence.plan.seed).fork(PARTS);
    let turn = evidence.plan.seed % IN_TURN.len() as u64;
    let in_turn = IN_TURN[turn as usize];
    let last: [Part; 2] = [in_turn, edges::check];
    for (part, concern) in EACH.iter().chain(&last).zip(0..) {
        part(evidence, &mut chance.fork(concern))
            .map_err(|problem| failure("parts", 0, problem))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;

    #[test]
    fn is_content_with_a_sound_engine() {
        for seed in 0..40 {
            let mut run = Fixture::played();
            run.plan.seed = seed;
            run.passes(check);
        }
    }
}
