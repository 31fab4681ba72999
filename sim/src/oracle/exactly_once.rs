//! A request takes effect once: one event per hunt, player and request id, as long as the id is remembered; and no unit
//! of a treasure is granted twice.

use std::collections::BTreeSet;

use super::ledger::{HuntLog, REQUESTS_PER_HUNT, REQUESTS_PER_PLAYER, request};
use super::{Evidence, failure};
use crate::outcome::Failure;

const ORACLE: &str = "exactly_once";

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    for (hunt, log) in evidence.ledger.hunts() {
        for ((player, _), places) in log.requests() {
            for pair in places.windows(2) {
                if let [first, second] = pair {
                    let whose = || match player {
                        Some(player) => format!("hunt {hunt}, player {player}"),
                        None => format!("hunt {hunt}, operators"),
                    };
                    remembered(log, *first, *second).map_err(|(at_us, detail)| {
                        failure(ORACLE, at_us, format!("{}: {detail}", whose()))
                    })?;
                }
            }
        }
        granted_once(log)?;
    }
    Ok(())
}

/// A second event of an id needs enough other requests between, so that the first was forgotten.
fn remembered(log: &HuntLog<'_>, first: usize, second: usize) -> Result<(), (u64, String)> {
    let (Some(one), Some(two)) = (log.events.get(first), log.events.get(second)) else {
        return Ok(());
    };
    let player = one.event.body.player();
    let limit = match player {
        Some(_) => REQUESTS_PER_PLAYER,
        None => REQUESTS_PER_HUNT,
    };
    let between = log.events.iter().take(second).skip(first + 1);
    let others = between
        .filter(|placed| {
            placed.event.body.player() == player && request(&placed.event.body).is_some()
        })
        .count();
    if others >= limit {
        return Ok(());
    }
    let detail = format!(
        "event {} has the request id of event {}, only {others} requests later",
        two.event.seq, one.event.seq
    );
    Err((two.at_us(), detail))
}

/// A claim of an on-solve treasure or a solve is one per player and clue.
fn granted_once(log: &HuntLog<'_>) -> Result<(), Failure> {
    let mut solved = BTreeSet::new();
    for placed in &log.events {
        if let hunt::EventBody::Solved { player, clue, .. } = &placed.event.body
            && !solved.insert((player, clue))
        {
            let detail = format!(
                "hunt {}: event {} solves clue {clue} for {player} a second time",
                placed.event.hunt, placed.event.seq
            );
            return Err(failure(ORACLE, placed.at_us(), detail));
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
        Fixture::played().passes(check);
    }

    #[test]
    fn sees_a_request_that_was_carried_out_twice() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        let body = run.last_event().body.clone();
        run.append(body);
        run.fails(check, "has the request id of event");
    }

    #[test]
    fn sees_a_clue_that_was_solved_twice() {
        let mut run = Fixture::played();
        run.solve("zoe", "pharos");
        let mut body = run.last_event().body.clone();
        if let hunt::EventBody::Solved { request, .. } = &mut body {
            request.id += 1;
        }
        run.append(body);
        run.fails(check, "a second time");
    }
}
