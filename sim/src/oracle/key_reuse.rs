//! A request id that is used for another command is told so, and the other command is never carried out. Judged by
//! what clients sent and saw.

use std::collections::BTreeMap;

use hunt::{HuntId, PlayerId, REQUESTS_PER_HUNT_MAX, REQUESTS_PER_PLAYER_MAX, Refusal, Reply};

use super::deed::{Deed, DeedTry, tells_effect};
use super::{Evidence, failure};
use crate::outcome::Failure;

const ORACLE: &str = "key_reuse";

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let mut by_id: BTreeMap<_, Vec<&Deed<'_>>> = BTreeMap::new();
    let mut askers = Askers::new();
    for deed in &evidence.deeds {
        let command = deed.command;
        *askers
            .entry((&command.hunt, command.action.player()))
            .or_default() += 1;
        let key = (&command.hunt, command.action.player(), &command.request);
        by_id.entry(key).or_default().push(deed);
    }
    by_id.values().try_for_each(|deeds| one_id(&askers, deeds))
}

/// All commands of one request id.
fn one_id(askers: &Askers<'_>, deeds: &[&Deed<'_>]) -> Result<(), Failure> {
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
            if !tells_effect(&answered.reply) || is_forgotten(askers, deed) {
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

/// How many commands each asker sent to each hunt.
type Askers<'a> = BTreeMap<(&'a HuntId, Option<&'a PlayerId>), usize>;

/// The asker did so much that an engine may have forgotten the request.
fn is_forgotten(askers: &Askers<'_>, deed: &Deed<'_>) -> bool {
    let player = deed.command.action.player();
    let limit = match player {
        Some(_) => REQUESTS_PER_PLAYER_MAX,
        None => REQUESTS_PER_HUNT_MAX,
    };
    askers
        .get(&(&deed.command.hunt, player))
        .is_some_and(|sent| *sent > limit)
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
