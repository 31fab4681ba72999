//! A request id that is used for another command is told so, and the other command is never carried out. Judged by
//! what clients sent and saw.

use hunt::{Refusal, Reply};

use super::askers::Askers;
use super::deed::{Deed, DeedTry, tells_effect};
use super::{Evidence, failure};
use crate::outcome::Failure;

const ORACLE: &str = "key_reuse";

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let askers = Askers::of(&evidence.deeds);
    let mut by_id: Vec<&Deed<'_>> = evidence.deeds.iter().collect();
    by_id.sort_by_key(|deed| deed.id);
    let mut ids = by_id.chunk_by(|a, b| a.id == b.id);
    ids.try_for_each(|deeds| one_id(&askers, deeds))
}

/// All commands of one request id.
fn one_id(askers: &Askers, deeds: &[&Deed<'_>]) -> Result<(), Failure> {
    let mut done: Option<&Deed<'_>> = None;
    for deed in deeds {
        let others = deeds.iter().filter(|other| other.body != deed.body);
        for (answered, ended_us) in deed.tries.iter().filter_map(DeedTry::answered) {
            let reused = answered.reply == Reply::Refused(Refusal::KeyReused);
            if reused && others.clone().next().is_none() {
                let detail = format!(
                    "{} was told that its request id is another's, but nobody else used it",
                    deed.name()
                );
                return Err(failure(ORACLE, ended_us, detail));
            }
            if !tells_effect(&answered.reply) || askers.may_be_forgotten(deed) {
                continue;
            }
            if let Some(before) = done.filter(|before| before.body != deed.body) {
                let detail = format!(
                    "{} was carried out, and so was {} with the same request id",
                    deed.name(),
                    before.name()
                );
                return Err(failure(ORACLE, ended_us, detail));
            }
            done = Some(deed);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;
    use hunt::{Refusal, Reply};

    #[test]
    fn is_content_with_a_sound_run() {
        let mut run = Fixture::played();
        run.claim_as("zoe", "coin", "key");
        run.claim_as("zoe", "badge", "key");
        assert_eq!(run.last_answer().reply, Reply::Refused(Refusal::KeyReused));
        run.passes(check);
    }

    #[test]
    fn sees_a_reused_key_that_is_carried_out() {
        let mut run = Fixture::played();
        run.claim_as("zoe", "coin", "key");
        let granted = run.last_answer().clone();
        run.claim_as("zoe", "badge", "key");
        *run.last_answer() = granted;
        run.fails(check, "and so was");
    }

    #[test]
    fn sees_a_fresh_key_that_is_called_used() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.last_answer().reply = Reply::Refused(Refusal::KeyReused);
        run.fails(check, "nobody else used it");
    }
}
