//! How clues and treasures name each other: names become indexes, and what can never happen is a fault.

use std::collections::BTreeMap;

use super::{
    clue::Read,
    fault::{At, Faults},
    fields,
    json::Json,
};
use crate::{Award, Index, Treasure, Unlock, limits::CLUES_MAX};

/// Which index each clue and each treasure has.
pub(super) struct Names<'a> {
    clues: BTreeMap<&'a str, Index>,
    treasures: BTreeMap<&'a str, Index>,
}

impl<'a> Names<'a> {
    /// Collects the ids; one that is there twice is a fault.
    pub(super) fn of(
        clues: &'a [Json],
        clues_at: &At<'_>,
        treasures: &'a [Json],
        treasures_at: &At<'_>,
        faults: &mut Faults,
    ) -> Self {
        Self {
            clues: collect(clues, clues_at, faults),
            treasures: collect(treasures, treasures_at, faults),
        }
    }

    /// The index of a clue.
    pub(super) fn clue(&self, json: &Json, at: &At<'_>, faults: &mut Faults) -> Option<Index> {
        resolve(json, at, "clue", &self.clues, faults)
    }

    /// The indexes of several clues, each named once.
    pub(super) fn clues(
        &self,
        json: &Json,
        at: &At<'_>,
        faults: &mut Faults,
    ) -> Option<Vec<Index>> {
        let mut indexes = Vec::new();
        let items = fields::array(CLUES_MAX)(json, at, faults)?;
        for (i, item) in items.iter().enumerate() {
            match self.clue(item, &at.item(i), faults) {
                Some(index) if indexes.contains(&index) => {
                    faults.add(&at.item(i), "is named twice: name it once")
                }
                Some(index) => indexes.push(index),
                None => {}
            }
        }
        (indexes.len() == items.len()).then_some(indexes)
    }

    /// The index of a treasure.
    pub(super) fn treasure(&self, json: &Json, at: &At<'_>, faults: &mut Faults) -> Option<Index> {
        resolve(json, at, "treasure", &self.treasures, faults)
    }
}

/// Adds a fault for each clue that can never unlock, and for each treasure that nothing grants. What could not be
/// read counts as possible: it has its own faults.
pub(super) fn check(
    clues: &[Read],
    clues_at: &At<'_>,
    treasures: &[Option<Treasure>],
    treasures_at: &At<'_>,
    faults: &mut Faults,
) {
    for (i, reachable) in reachable(clues).into_iter().enumerate() {
        if !reachable {
            let detail = "can never unlock: it waits, directly or in a circle, for clues that can't be solved";
            faults.add(&clues_at.item(i).field("unlock"), detail);
        }
    }
    let Some(grants) = clues
        .iter()
        .map(|clue| clue.grants.as_ref())
        .collect::<Option<Vec<_>>>()
    else {
        return;
    };
    for ((i, treasure), index) in treasures.iter().enumerate().zip(0..) {
        let on_solve = treasure
            .as_ref()
            .is_some_and(|treasure| treasure.award == Award::OnSolve);
        if on_solve && !grants.iter().any(|grants| grants.contains(&index)) {
            faults.add(
                &treasures_at.item(i),
                "is granted by nothing: name it in the grants of a clue",
            );
        }
    }
}

/// Which clues can be unlocked, by solving again and again all that is unlocked already.
fn reachable(clues: &[Read]) -> Vec<bool> {
    let mut reached = vec![false; clues.len()];
    loop {
        let mut grew = false;
        for (i, clue) in clues.iter().enumerate() {
            let done = |index: &&Index| {
                reached
                    .get(usize::from(**index))
                    .is_some_and(|reached| *reached)
            };
            let unlocks = match &clue.unlock {
                None | Some(Unlock::Open | Unlock::At(_)) => true,
                Some(Unlock::After(of)) => of.iter().all(|index| done(&index)),
                Some(Unlock::Any { count, of }) => {
                    of.iter().filter(done).count() >= usize::from(*count)
                }
            };
            if unlocks && let Some(reached) = reached.get_mut(i).filter(|reached| !**reached) {
                *reached = true;
                grew = true;
            }
        }
        if !grew {
            return reached;
        }
    }
}

fn collect<'a>(items: &'a [Json], at: &At<'_>, faults: &mut Faults) -> BTreeMap<&'a str, Index> {
    let mut names = BTreeMap::new();
    for ((i, item), index) in items.iter().enumerate().zip(0..) {
        let Json::Object(fields) = item else { continue };
        let Some((_, Json::Text(id))) = fields.iter().find(|(name, _)| name == "id") else {
            continue;
        };
        if let Some(first) = names.insert(id.as_str(), index) {
            names.insert(id, first);
            faults.add(
                &at.item(i).field("id"),
                format_args!("is the id of item {first} too: give each its own"),
            );
        }
    }
    names
}

fn resolve(
    json: &Json,
    at: &At<'_>,
    what: &str,
    names: &BTreeMap<&str, Index>,
    faults: &mut Faults,
) -> Option<Index> {
    let name = fields::string(json, at, faults)?;
    let index = names.get(name).copied();
    if index.is_none() {
        faults.add(at, format_args!("names no {what} of this hunt: {name:.64}"));
    }
    index
}
