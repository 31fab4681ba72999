//! Definitions as operators write them: what is wrong is refused, each fault with its place, and what is just within a
//! limit is taken as it was written.

mod cases;
mod taken;

use hunt::Draft;

use crate::draw::Chance;
use crate::oracle::Evidence;
use cases::{LIMITS, Limit, WRONG, Wrong, sound};

/// Wrong definitions, and such at a limit, that each seed tries.
const TRIES: usize = 8;

pub(super) fn check(evidence: &Evidence<'_>, chance: &mut Chance) -> Result<(), String> {
    for _ in 0..TRIES {
        let (one, other) = (chance.pick(WRONG), chance.pick(WRONG));
        refuses(&[one])?;
        if are_apart(one.at, other.at) {
            refuses(&[one, other])?;
        }
        limits(chance.pick(LIMITS))?;
    }
    taken::check(evidence, chance)
}

/// Faults of different lists are told at once, as long as neither list as a whole is wrong, nor how one names the other.
fn are_apart(one: &str, other: &str) -> bool {
    let parts = |at: &str| at.split('/').count();
    let first = |at: &str| at.split('/').nth(1).map(str::to_owned);
    let is_deep = |at: &str| parts(at) > 3 && !at.contains("grants");
    is_deep(one) && is_deep(other) && first(one) != first(other)
}

fn refuses(wrong: &[&Wrong]) -> Result<(), String> {
    let mut json = sound();
    wrong.iter().for_each(|wrong| (wrong.make)(&mut json));
    let pointers: Vec<String> = match Draft::parse(json.to_string().as_bytes()) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.into_iter().map(|fault| fault.pointer).collect(),
    };
    let missing = wrong
        .iter()
        .find(|wrong| !pointers.iter().any(|at| at == wrong.at));
    match missing {
        None => Ok(()),
        Some(wrong) => Err(format!(
            "a definition in which {} is refused for {pointers:?}, and not for {:?}",
            wrong.what, wrong.at
        )),
    }
}

/// What is at the limit is taken, what is one past it is not.
fn limits(limit: &Limit) -> Result<(), String> {
    for past in [false, true] {
        let mut json = sound();
        (limit.make)(&mut json, past);
        let taken = Draft::parse(json.to_string().as_bytes()).is_ok();
        if taken == past {
            return Err(format!(
                "a definition with {} ({} the limit) is taken: {taken}",
                limit.what,
                if past { "just past" } else { "at" }
            ));
        }
    }
    Ok(())
}
