//! Every event was allowed at its place in the log: judged by a model of the rules written a second time; and what was
//! solved was answered right.

use hunt::EventBody;

use super::deed::Deed;
use super::ledger::HuntLog;
use super::model::Model;
use super::{Evidence, failure};
use crate::outcome::Failure;
use crate::workload::secret;

const ORACLE: &str = "rules";

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    for (hunt, log) in evidence.ledger.hunts() {
        if log.shard != evidence.ledger.shard_of(hunt) {
            let detail = format!("hunt {hunt} is in shard {}", log.shard);
            return Err(failure(ORACLE, 0, detail));
        }
        follow(log)?;
    }
    evidence
        .deeds
        .iter()
        .try_for_each(|deed| answered_right(evidence, deed))
}

/// Lets the model follow the log.
fn follow(log: &HuntLog<'_>) -> Result<(), Failure> {
    let mut model: Option<Model<'_>> = None;
    for placed in &log.events {
        let event = placed.event;
        let allowed = match &mut model {
            None => {
                model = Model::created(event);
                match model {
                    Some(_) => Ok(()),
                    None => Err("it comes before the hunt is made".to_owned()),
                }
            }
            Some(model) => model.allows(event).inspect(|()| model.apply(event)),
        };
        allowed.map_err(|why| {
            let (hunt, seq) = (&event.hunt, event.seq);
            let detail = format!("hunt {hunt}, event {seq} ({:?}): {why}", event.body);
            failure(ORACLE, placed.at_us(), detail)
        })?;
    }
    Ok(())
}

/// A solve was made by a right attempt, a miss by a wrong one.
fn answered_right(evidence: &Evidence<'_>, deed: &Deed<'_>) -> Result<(), Failure> {
    let hunt::Action::Solve { clue, attempt, .. } = &deed.command.action else {
        return Ok(());
    };
    let Some(log) = evidence.ledger.hunt(&deed.command.hunt) else {
        return Ok(());
    };
    let right = secret::is_right(clue, attempt);
    for placed in deed.effects.iter().filter_map(|at| log.events.get(*at)) {
        let solved = matches!(placed.event.body, EventBody::Solved { .. });
        if solved != right {
            let detail = format!(
                "{} brought what is right: {right}, and solved it: {solved}",
                deed.name()
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
    use hunt::EventBody;

    #[test]
    fn is_content_with_a_sound_run() {
        Fixture::played().passes(check);
    }

    #[test]
    fn sees_a_claim_after_the_close() {
        let mut run = Fixture::played();
        run.close();
        run.force_claim("zoe", "coin");
        run.fails(check, "a claim in a hunt that is closed");
    }

    #[test]
    fn sees_a_claim_without_what_it_requires() {
        let mut run = Fixture::played();
        run.force_claim("zoe", "gem");
        run.fails(check, "has not solved clue");
    }

    #[test]
    fn sees_a_try_past_the_cap() {
        let mut run = Fixture::played();
        for _ in 0..3 {
            run.miss("zoe", "pharos");
            run.wait_ms(1_000);
        }
        let mut body = run.last_event().body.clone();
        if let EventBody::Missed {
            request,
            guesses_left,
            ..
        } = &mut body
        {
            request.id += 1;
            *guesses_left = Some(0);
        }
        run.append(body);
        run.fails(check, "wrong guesses");
    }

    #[test]
    fn sees_a_wrong_score() {
        let mut run = Fixture::played();
        run.solve("zoe", "pharos");
        if let EventBody::Solved { score, .. } = &mut run.last_event_mut().body {
            *score += 1;
        }
        run.fails(check, "to a score of");
    }

    #[test]
    fn sees_a_wrong_answer_taken_for_right() {
        let mut run = Fixture::played();
        run.solve("zoe", "pharos");
        run.spoil_last_attempt();
        run.fails(check, "brought what is right: false");
    }
}
