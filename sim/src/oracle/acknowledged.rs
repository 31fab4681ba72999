//! Every effect that a client was told of is in the log, by exactly the event that the reply names, and was so before
//! the client was told.

use node::Answered;

use super::deed::{Deed, tells_effect};
use super::prefix::{Prefix, Window, search};
use super::{Evidence, failure, shown};
use crate::outcome::Failure;

const ORACLE: &str = "acknowledged";

/// A reply that tells of an effect.
struct Told<'a, 'b> {
    deed: &'b Deed<'a>,
    answered: &'a Answered,
    ended_us: u64,
}

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    for deed in &evidence.deeds {
        told_once(deed)?;
        for (answered, ended_us) in deed.tries.iter().filter_map(super::deed::DeedTry::answered) {
            if tells_effect(&answered.reply) && deed.effects.is_empty() {
                let detail = format!(
                    "{} was answered {:?}, but the log has no event of it",
                    deed.name(),
                    answered.reply
                );
                return Err(failure(ORACLE, ended_us, detail));
            }
        }
    }
    evidence
        .ledger
        .hunts()
        .try_for_each(|(hunt, log)| check_hunt(evidence, hunt, log))
}

/// Only one try did it; the others are told that it had been done.
fn told_once(deed: &Deed<'_>) -> Result<(), Failure> {
    let answers = deed.tries.iter().filter_map(super::deed::DeedTry::answered);
    let firsts = answers
        .filter(|(answered, _)| tells_effect(&answered.reply) && !answered.replayed)
        .map(|(_, ended_us)| ended_us);
    match firsts.clone().nth(deed.effects.len().max(1)) {
        None => Ok(()),
        Some(at_us) => {
            let detail = format!(
                "{} has {} events, but {} tries were told that they did it",
                deed.name(),
                deed.effects.len(),
                firsts.count()
            );
            Err(failure(ORACLE, at_us, detail))
        }
    }
}

/// Each reply equals that of its event, as it renders at some moment after the event and before the answer.
fn check_hunt(
    evidence: &Evidence<'_>,
    hunt: &hunt::HuntId,
    log: &super::ledger::HuntLog<'_>,
) -> Result<(), Failure> {
    let deeds = evidence
        .deeds
        .iter()
        .filter(|deed| deed.command.hunt == *hunt);
    let told = deeds.flat_map(|deed| {
        let answers = deed.tries.iter().filter_map(super::deed::DeedTry::answered);
        answers
            .filter(|(answered, _)| tells_effect(&answered.reply))
            .map(move |(answered, ended_us)| Told {
                deed,
                answered,
                ended_us,
            })
    });
    let windows = told.map(|told| Window {
        from: told.deed.effects.first().map_or(0, |first| first + 1),
        to: log.until(told.ended_us),
        what: told,
    });
    let is_true = |prefix: &Prefix<'_>, told: &mut Told<'_, '_>| {
        let effects = told
            .deed
            .effects
            .iter()
            .take_while(|at| **at < prefix.len)
            .filter_map(|at| log.events.get(*at));
        prefix.model.as_ref().is_some_and(|model| {
            effects.into_iter().any(|placed| {
                let right = shown::effect(placed.event, model.definition, prefix.shard);
                shown::is(&told.answered.reply, &right)
            })
        })
    };
    search(log, log.shard, windows.collect(), is_true).map_err(|told| {
        let seqs: Vec<_> = told
            .deed
            .effects
            .iter()
            .filter_map(|at| log.events.get(*at))
            .map(|placed| (placed.event.seq, placed.at_us()))
            .collect();
        let detail = format!(
            "{} was answered {:?}, which is not what its events (sequence, commit time) {seqs:?} of shard {} say by then",
            told.deed.name(),
            told.answered.reply,
            log.shard
        );
        failure(ORACLE, told.ended_us, detail)
    })
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;
    use hunt::Reply;

    #[test]
    fn is_content_with_a_sound_run() {
        Fixture::played().passes(check);
    }

    #[test]
    fn sees_an_acknowledged_claim_that_is_not_in_the_log() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.lose_last_batch();
        run.fails(check, "the log has no event of it");
    }

    #[test]
    fn sees_a_reply_that_names_another_event() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        let Reply::Granted { grant } = &mut run.last_answer().reply else {
            panic!("a claim was answered last");
        };
        grant.seq -= 1;
        run.fails(check, "not what its events");
    }

    #[test]
    fn sees_an_answer_before_the_commit() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.truth.batches.last_mut().unwrap().at_us += 10_000_000;
        run.fails(check, "not what its events");
    }

    #[test]
    fn sees_two_tries_that_both_did_it() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.repeat_last(false);
        run.fails(check, "tries were told that they did it");
    }

    #[test]
    fn is_content_with_a_repeated_answer() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.repeat_last(true);
        run.passes(check);
    }
}
