//! Who is turned away is told when to come back; and where the engine says that nothing was done, nothing was.

use node::AskError;

use super::deed::Deed;
use super::{Evidence, failure};
use crate::history::{Answer, Op, Try};
use crate::outcome::Failure;

const ORACLE: &str = "turned_away";

/// Nobody is sent away for longer than this.
const RETRY_MS_MAX: u64 = 10_000;

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    for op in &evidence.history.ops {
        for tried in &op.tries {
            for error in tried.answer.iter().flat_map(Answer::errors) {
                tells_when(op, tried, error)?;
            }
        }
    }
    if evidence.plan.rates.message_doubled > 0 {
        // The second copy of a request may do what the first was turned away from.
        return Ok(());
    }
    evidence
        .deeds
        .iter()
        .try_for_each(|deed| did_nothing(evidence, deed))
}

fn tells_when(op: &Op, tried: &Try, error: &AskError) -> Result<(), Failure> {
    let retry_after_ms = match error {
        AskError::Overloaded { retry_after_ms, .. }
        | AskError::NotReady { retry_after_ms }
        | AskError::Unavailable { retry_after_ms, .. } => *retry_after_ms,
    };
    if (1..=RETRY_MS_MAX).contains(&retry_after_ms) {
        return Ok(());
    }
    let detail = format!(
        "operation {} of client {} was told {error:?}: from 1 to {RETRY_MS_MAX} ms are right",
        op.nth, op.client
    );
    Err(failure(ORACLE, tried.ended_us.unwrap_or_default(), detail))
}

/// A command whose every try was turned away undone has no event.
fn did_nothing(evidence: &Evidence<'_>, deed: &Deed<'_>) -> Result<(), Failure> {
    let undone = |answer: Option<&Result<_, AskError>>| {
        matches!(
            answer,
            Some(Err(AskError::Overloaded { .. } | AskError::NotReady { .. }))
        )
    };
    let all_undone = deed.tries.iter().all(|tried| undone(tried.answer));
    if deed.repeats || deed.tries.is_empty() || !all_undone {
        return Ok(());
    }
    let Some(place) = deed.effects.first() else {
        return Ok(());
    };
    let log = evidence.ledger.hunt(&deed.command.hunt);
    let placed = log.and_then(|log| log.events.get(*place));
    let detail = format!(
        "{} was told each time that nothing was done, but the log has its event {:?}",
        deed.name(),
        placed.map(|placed| placed.event.seq)
    );
    let at_us = placed.map_or(0, |placed| placed.at_us());
    Err(failure(ORACLE, at_us, detail))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;
    use node::AskError;

    #[test]
    fn is_content_with_a_sound_run() {
        Fixture::played().passes(check);
    }

    #[test]
    fn sees_an_error_that_does_not_tell_when_to_come_back() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.turn_last_away(AskError::Unavailable {
            detail: "the store is away".to_owned(),
            retry_after_ms: 0,
        });
        run.fails(check, "are right");
    }

    #[test]
    fn sees_what_was_done_although_it_was_turned_away() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.turn_last_away(AskError::NotReady {
            retry_after_ms: 200,
        });
        run.fails(check, "nothing was done, but the log has its event");
    }
}
