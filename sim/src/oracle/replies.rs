//! Every answer that tells of no event was true at some moment between the request and the answer: judged by
//! `hunt::decide` replayed over the log, for its exact bytes, and by the model of the rules, for its truth.

use std::collections::BTreeMap;

use hunt::{Action, Decision, Definition, HuntId, HuntState, Millis, Reply, decide};
use node::Answered;

use super::deed::{Deed, DeedTry, tells_effect};
use super::ledger::HuntLog;
use super::prefix::{Prefix, Window, search};
use super::refusals;
use super::wall::{Span, Walls};
use super::{Evidence, failure, shown};
use crate::outcome::Failure;

const ORACLE: &str = "replies";

/// An answer, what it answers, and who found it true so far.
struct Told<'a, 'b> {
    deed: &'b Deed<'a>,
    answered: &'a Answered,
    sent_us: u64,
    ended_us: u64,
    clocks: Option<Span>,
    decided: bool,
    modelled: bool,
}

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let (none, walls) = (HuntLog::default(), Walls::of(evidence.plan));
    for (hunt, deeds) in by_hunt(evidence) {
        let log = evidence.ledger.hunt(hunt).unwrap_or(&none);
        let shard = evidence.ledger.shard_of(hunt);
        let told = deeds
            .iter()
            .flat_map(|deed| without_event(deed, log, walls));
        let windows = told.map(|told| Window::between(log, told.sent_us, told.ended_us, told));
        search(log, shard, windows.collect(), is_true).map_err(|told| {
            let why = match (told.decided, told.modelled) {
                (true, true) => "the rules and the model of them never say so at one moment",
                (true, false) => "the model of the rules never says so",
                (false, true) => "the rules, replayed over the log, never say so",
                (false, false) => "neither the rules, replayed over the log, nor the model say so",
            };
            let detail = format!(
                "{} was answered {:?} between {} and {} us, but {why}",
                told.deed.name(),
                told.answered.reply,
                told.sent_us,
                told.ended_us
            );
            failure(ORACLE, told.ended_us, detail)
        })?;
    }
    Ok(())
}

fn by_hunt<'a, 'b>(evidence: &'b Evidence<'a>) -> BTreeMap<&'a HuntId, Vec<&'b Deed<'a>>> {
    let mut hunts: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for deed in &evidence.deeds {
        hunts.entry(&deed.command.hunt).or_default().push(deed);
    }
    hunts
}

/// The answers that tell of no event of their own.
fn without_event<'a, 'b>(
    deed: &'b Deed<'a>,
    log: &HuntLog<'a>,
    walls: Walls,
) -> impl Iterator<Item = Told<'a, 'b>> {
    let tries = deed.tries.iter();
    tries
        .filter_map(|tried| DeedTry::answered(tried).map(|answer| (tried.sent_us, answer)))
        .filter(|(_, (answered, ended_us))| {
            !tells_effect(&answered.reply) && !is_of_event(deed, log, &answered.reply, *ended_us)
        })
        .map(|(sent_us, (answered, ended_us))| Told {
            deed,
            answered,
            sent_us,
            ended_us,
            clocks: walls.between(sent_us, ended_us),
            decided: false,
            modelled: false,
        })
        .collect::<Vec<_>>()
        .into_iter()
}

/// "Open now" and "replaced" tell of an event or of none; this one tells of one that was there by then.
fn is_of_event(deed: &Deed<'_>, log: &HuntLog<'_>, reply: &Reply, ended_us: u64) -> bool {
    let Some(definition) = any_definition(log) else {
        return false;
    };
    let effects = deed.effects.iter().filter_map(|at| log.events.get(*at));
    effects
        .filter(|placed| placed.at_us() <= ended_us)
        .any(|placed| shown::is(reply, &shown::effect(placed.event, definition, log.shard)))
}

fn any_definition<'a>(log: &HuntLog<'a>) -> Option<&'a Definition> {
    log.events
        .first()
        .and_then(|placed| match &placed.event.body {
            hunt::EventBody::Put { definition, .. } => Some(&**definition),
            _ => None,
        })
}

fn is_true(prefix: &Prefix<'_>, told: &mut Told<'_, '_>) -> bool {
    let (command, reply) = (told.deed.command, &told.answered.reply);
    let decided = is_decided(prefix, told.deed, reply);
    let modelled = match &prefix.model {
        Some(model) => {
            let told = refusals::Told {
                command,
                tag: told.deed.tag.as_ref(),
                reply,
                shard: prefix.shard,
                clocks: told.clocks,
            };
            refusals::is_true(model, &told) && is_named_right(reply)
        }
        None => refusals::is_true_of_nothing(command, reply),
    };
    told.decided |= decided;
    told.modelled |= modelled;
    decided && modelled
}

/// The answer goes out under its name.
fn is_named_right(reply: &Reply) -> bool {
    shown::outcome(reply).is_none_or(|right| {
        let given = serde_json::to_value(reply).unwrap_or_default();
        given["outcome"] == right
    })
}

/// `hunt::decide` gives this answer at some time that is possible here.
fn is_decided(prefix: &Prefix<'_>, deed: &Deed<'_>, reply: &Reply) -> bool {
    let player = deed.command.action.player();
    let state = player.and_then(|player| prefix.player(player));
    moments(prefix, deed, reply)
        .into_iter()
        .flatten()
        .any(|now| {
            let decision = decide(prefix.hunt.as_ref(), state, deed.command, now, prefix.shard);
            decision == Decision::Answer(reply.clone())
        })
}

/// The moments to try: the earliest that is possible, the one that the answer tells, and one past all schedules.
fn moments(prefix: &Prefix<'_>, deed: &Deed<'_>, reply: &Reply) -> [Option<Millis>; 2] {
    let earliest = prefix.at();
    match reply {
        Reply::TooSoon { retry_after_ms } => {
            let asked_at = next_guess(prefix, deed)
                .and_then(|next| next.0.checked_sub(*retry_after_ms))
                .map(Millis)
                .filter(|asked_at| *asked_at >= earliest);
            [asked_at, None]
        }
        Reply::OutOfGuesses => [Some(earliest), Some(Millis::MAX)],
        _ => [Some(earliest), None],
    }
}

/// When the player may guess again at the clue.
fn next_guess(prefix: &Prefix<'_>, deed: &Deed<'_>) -> Option<Millis> {
    let Action::Solve { player, clue, .. } = &deed.command.action else {
        return None;
    };
    let definition = prefix.hunt.as_ref().map(HuntState::definition)?;
    let index = definition.clue_index(clue)?;
    let last = prefix.player(player)?.guesses_at(index)?.at;
    Some(last.plus(definition.guesses().cooldown_ms.into()))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;
    use hunt::{Refusal, Reply};

    #[test]
    fn is_content_with_a_sound_run() {
        let mut run = Fixture::played();
        run.claim("zoe", "gem");
        assert!(matches!(run.last_answer().reply, Reply::NotEligible { .. }));
        run.claim("zoe", "no-such");
        run.miss("zoe", "pharos");
        run.miss("zoe", "pharos");
        assert!(matches!(run.last_answer().reply, Reply::TooSoon { .. }));
        run.claim("zoe", "coin");
        run.claim("yan", "coin");
        assert_eq!(run.last_answer().reply, Reply::SoldOut);
        run.claim("zoe", "coin");
        assert!(matches!(
            run.last_answer().reply,
            Reply::AlreadyGranted { .. }
        ));
        run.close();
        run.close();
        run.solve("zoe", "pharos");
        run.passes(check);
    }

    #[test]
    fn sees_sold_out_while_there_is_stock() {
        let mut run = Fixture::played();
        run.claim("zoe", "gem");
        run.last_answer().reply = Reply::SoldOut;
        run.fails(check, "neither the rules");
    }

    #[test]
    fn sees_an_answer_that_was_true_too_long_ago() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.claim("yan", "coin");
        assert_eq!(run.last_answer().reply, Reply::SoldOut);
        let stale = run.last_answer().clone();
        run.restock("coin", 5);
        run.claim("yan", "coin");
        run.lose_last_batch();
        *run.last_answer() = stale;
        run.fails(check, "neither the rules");
    }

    #[test]
    fn sees_a_refusal_that_names_another_grant() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.claim("zoe", "coin");
        if let Reply::AlreadyGranted { grant } = &mut run.last_answer().reply {
            grant.seq += 1;
        }
        run.fails(check, "neither the rules");
    }

    #[test]
    fn sees_a_hunt_called_unknown() {
        let mut run = Fixture::played();
        run.claim("zoe", "gem");
        run.last_answer().reply = Reply::Refused(Refusal::UnknownHunt);
        run.fails(check, "neither the rules");
    }
}
