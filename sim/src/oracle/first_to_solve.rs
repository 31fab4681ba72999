//! What is for the first to solve a clue goes to the first in order of the log, and to nobody else.

use std::collections::BTreeMap;

use hunt::{Award, Definition, EventBody, Index};

use super::ledger::{HuntLog, joins};
use super::{Evidence, failure};
use crate::outcome::Failure;

const ORACLE: &str = "first_to_solve";

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    evidence.ledger.hunts().try_for_each(|(_, log)| hunt(log))
}

fn hunt(log: &HuntLog<'_>) -> Result<(), Failure> {
    let mut definition: Option<&Definition> = None;
    let mut added: BTreeMap<Index, u64> = BTreeMap::new();
    let mut granted: BTreeMap<Index, u64> = BTreeMap::new();
    let mut players = 0;
    for placed in &log.events {
        let fail = |detail: String| {
            let (hunt, seq) = (&placed.event.hunt, placed.event.seq);
            failure(
                ORACLE,
                placed.at_us(),
                format!("hunt {hunt}, event {seq}: {detail}"),
            )
        };
        players += u64::from(joins(&placed.event.body));
        match &placed.event.body {
            EventBody::Put {
                definition: new, ..
            } => {
                if players == 0 {
                    added.clear();
                }
                definition = Some(new);
            }
            EventBody::Restocked { treasure, add, .. } => {
                *added.entry(*treasure).or_default() += add;
            }
            EventBody::Solved {
                player,
                clue,
                grants,
                ..
            } => {
                for (prize, stock) in prizes(definition, *clue) {
                    let stock =
                        stock.map(|stock| stock + added.get(&prize).copied().unwrap_or_default());
                    let count = granted.entry(prize).or_default();
                    let due = stock.is_none_or(|stock| *count < stock);
                    let got = grants.iter().any(|grant| grant.treasure == prize);
                    if due != got {
                        return Err(fail(format!(
                            "{player} solves clue {clue} with {count} of {stock:?} units of its prize {prize} gone, and gets one: {got}"
                        )));
                    }
                    *count += u64::from(got);
                }
            }
            EventBody::Claimed { player, grant, .. } if is_prize(definition, grant.treasure) => {
                return Err(fail(format!(
                    "{player} claims treasure {}, which is for the first to solve",
                    grant.treasure
                )));
            }
            _ => {}
        }
    }
    Ok(())
}

fn treasures(definition: Option<&Definition>) -> &[hunt::Treasure] {
    definition.map_or(&[], Definition::treasures)
}

fn prizes(
    definition: Option<&Definition>,
    clue: Index,
) -> impl Iterator<Item = (Index, Option<u64>)> {
    let all = treasures(definition).iter().zip(0..);
    all.filter(move |(treasure, _)| treasure.award == Award::FirstToSolve(clue))
        .map(|(treasure, index)| (index, treasure.stock))
}

fn is_prize(definition: Option<&Definition>, treasure: Index) -> bool {
    treasures(definition)
        .get(usize::from(treasure))
        .is_some_and(|treasure| matches!(treasure.award, Award::FirstToSolve(_)))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;
    use hunt::EventBody;

    #[test]
    fn is_content_with_a_sound_run() {
        Fixture::played().passes(check);
    }

    #[test]
    fn sees_a_second_who_gets_the_prize_of_the_first() {
        let mut run = Fixture::played();
        run.solve("zoe", "pharos");
        let prize = run.grants_of_first_solve();
        if let EventBody::Solved { grants, .. } = &mut run.last_event_mut().body {
            *grants = prize;
        }
        run.fails(check, "gets one: true");
    }

    #[test]
    fn sees_a_first_who_gets_nothing() {
        let mut run = Fixture::played();
        run.first_solve_mut(|grants| grants.clear());
        run.fails(check, "gets one: false");
    }
}
