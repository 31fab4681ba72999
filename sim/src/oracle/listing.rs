//! A list of hunts names every hunt once that had been made before it was asked for.

use std::collections::BTreeMap;

use hunt::HuntId;
use node::{AskError, Response};

use super::{Evidence, failure};
use crate::history::{Answer, Ask};
use crate::outcome::Failure;

const ORACLE: &str = "listing";

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let lists = evidence
        .history
        .ops
        .iter()
        .filter(|op| matches!(op.ask, Ask::Hunts));
    for tried in lists.flat_map(|op| &op.tries) {
        let (Some(Answer::Hunts(parts)), Some(ended_us)) = (&tried.answer, tried.ended_us) else {
            continue;
        };
        let Some(named) = named(parts) else {
            continue;
        };
        is_complete(evidence, &named, tried.sent_us)
            .map_err(|problem| failure(ORACLE, ended_us, problem))?;
    }
    Ok(())
}

/// How often each hunt is named; none if a part of the list is missing, which the caller was told.
fn named(parts: &[Result<Response, AskError>]) -> Option<BTreeMap<&HuntId, usize>> {
    let mut named = BTreeMap::new();
    for part in parts {
        let Ok(Response::Hunts(hunts)) = part else {
            return None;
        };
        for hunt in hunts {
            *named.entry(&hunt.id).or_default() += 1;
        }
    }
    Some(named)
}

fn is_complete(
    evidence: &Evidence<'_>,
    named: &BTreeMap<&HuntId, usize>,
    sent_us: u64,
) -> Result<(), String> {
    if let Some((hunt, times)) = named.iter().find(|(_, times)| **times > 1) {
        return Err(format!("a list of hunts names {hunt} {times} times"));
    }
    let made = evidence
        .ledger
        .hunts()
        .filter(|(_, log)| log.before(sent_us) > 0);
    for (hunt, _) in made {
        if !named.contains_key(hunt) {
            return Err(format!(
                "a list of hunts, asked for at {sent_us} us, lacks {hunt}, which had been made"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;

    #[test]
    fn is_content_with_a_sound_run() {
        let mut run = Fixture::played();
        run.list_hunts();
        run.passes(check);
    }

    #[test]
    fn sees_a_hunt_that_is_missing() {
        let mut run = Fixture::played();
        run.list_hunts().clear();
        run.fails(check, "lacks lights");
    }

    #[test]
    fn sees_a_hunt_that_is_named_twice() {
        let mut run = Fixture::played();
        let list = run.list_hunts();
        list.push(list[0].clone());
        run.fails(check, "names lights 2 times");
    }
}
