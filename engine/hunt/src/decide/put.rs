//! Making a hunt and replacing its definition. Until somebody joined, anything may change; from then on only what
//! players were not promised: titles, texts, answers, guess limits and times, and what is added at the end.

use super::{Decision, repeated};
use crate::{
    Clue, Command, Definition, Draft, EventBody, HuntState, Refusal, Reply, Salt, Treasure,
    tag::tag,
};

pub(super) fn decide(
    hunt: Option<&HuntState>,
    command: &Command,
    draft: &Draft,
    salt: Salt,
) -> Decision {
    if *draft.id() != command.hunt {
        let detail = format!(
            "the definition's id is {}, not {}: make them the same",
            draft.id(),
            command.hunt
        );
        return Decision::refuse(Refusal::Mismatch { detail });
    }
    let salt = hunt.map_or(salt, |hunt| *hunt.definition().salt());
    let sealed = draft.seal(salt);
    let request = tag(command, &salt, Some(&sealed));
    let Some(hunt) = hunt else {
        return Decision::Event(EventBody::Put {
            definition: Box::new(sealed),
            created: true,
            request,
        });
    };
    if let Some(decision) = repeated(hunt.seen(&request)) {
        return decision;
    }
    if sealed == *hunt.definition() {
        return Decision::Answer(Reply::Replaced {
            seq: hunt.defined_by(),
        });
    }
    if hunt.players() > 0 {
        let faults = incompatible(hunt.definition(), &sealed);
        if !faults.is_empty() {
            return Decision::refuse(Refusal::Incompatible { faults });
        }
    }
    Decision::Event(EventBody::Put {
        definition: Box::new(sealed),
        created: false,
        request,
    })
}

/// Every change that would break a promise.
fn incompatible(old: &Definition, new: &Definition) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, clue) in old.clues().iter().enumerate() {
        match new.clues().get(index) {
            Some(changed) if changed.id == clue.id => {
                compare_clues(clue, changed, old, &mut faults)
            }
            _ => faults.push(format!(
                "clue {} must stay at place {index}: add clues at the end",
                clue.id
            )),
        }
    }
    for (index, treasure) in old.treasures().iter().enumerate() {
        match new.treasures().get(index) {
            Some(changed) if changed.id == treasure.id => {
                compare_treasures(treasure, changed, &mut faults)
            }
            _ => {
                let id = &treasure.id;
                faults.push(format!(
                    "treasure {id} must stay at place {index}: add treasures at the end"
                ));
            }
        }
    }
    faults
}

fn compare_clues(old: &Clue, new: &Clue, before: &Definition, faults: &mut Vec<String>) {
    let id = &old.id;
    if new.points != old.points {
        faults.push(format!("clue {id} must keep its {} points", old.points));
    }
    if new.unlock != old.unlock {
        faults.push(format!("clue {id} must keep its unlock"));
    }
    if new.solve.kind() != old.solve.kind() {
        faults.push(format!(
            "clue {id} must still be solved by {}",
            old.solve.kind()
        ));
    }
    let lost = old
        .grants
        .iter()
        .filter(|treasure| !new.grants.contains(treasure));
    for treasure in lost.filter_map(|index| before.treasure(*index)) {
        faults.push(format!("clue {id} must still grant {}", treasure.id));
    }
}

fn compare_treasures(old: &Treasure, new: &Treasure, faults: &mut Vec<String>) {
    let id = &old.id;
    if new.stock != old.stock {
        faults.push(format!(
            "treasure {id} must keep the stock of its definition: add stock by a restock"
        ));
    }
    if new.per_player != old.per_player {
        faults.push(format!(
            "treasure {id} must keep its {} per player",
            old.per_player
        ));
    }
    if new.award != old.award {
        faults.push(format!("treasure {id} must keep its award"));
    }
}
