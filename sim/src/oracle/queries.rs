//! What is looked up equals the model's fold of the log at some moment between question and answer: progress, figures,
//! the hunt itself and its place in lists, as the model of the rules would render them.

use std::collections::BTreeMap;

use hunt::{HuntId, Millis, Refusal, Unlock};
use node::{Query, Response};

use super::ledger::HuntLog;
use super::model::Model;
use super::prefix::{Prefix, Window, search};
use super::{Evidence, failure, shown};
use crate::history::{Answer, Ask};
use crate::outcome::Failure;

const ORACLE: &str = "queries";

/// A question and its answer.
#[derive(Clone, Copy, Debug)]
struct Look<'a> {
    client: u32,
    query: Asked<'a>,
    response: &'a Response,
    sent_us: u64,
    ended_us: u64,
}

#[derive(Clone, Copy, Debug)]
enum Asked<'a> {
    One(&'a Query),
    Summary(&'a hunt::HuntSummary),
}

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let none = HuntLog::default();
    for (hunt, looks) in by_hunt(evidence) {
        let log = evidence.ledger.hunt(hunt).unwrap_or(&none);
        let windows = looks
            .into_iter()
            .filter(|look| is_folded(look))
            .map(|look| Window::between(log, look.sent_us, look.ended_us, look));
        let shard = evidence.ledger.shard_of(hunt);
        search(log, shard, windows.collect(), |prefix, look| {
            is_true(prefix, look)
        })
        .map_err(|look| fail(&look))?;
    }
    Ok(())
}

fn fail(look: &Look<'_>) -> Failure {
    let detail = format!(
        "client {} asked {:?} between {} and {} us and was answered {:?}: it was never so in this time",
        look.client, look.query, look.sent_us, look.ended_us, look.response
    );
    failure(ORACLE, look.ended_us, detail)
}

fn by_hunt<'a>(evidence: &Evidence<'a>) -> BTreeMap<&'a HuntId, Vec<Look<'a>>> {
    let mut hunts: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for op in &evidence.history.ops {
        for tried in &op.tries {
            let Some(ended_us) = tried.ended_us else {
                continue;
            };
            let look = |query, response| Look {
                client: op.client,
                query,
                response,
                sent_us: tried.sent_us,
                ended_us,
            };
            match (&op.ask, &tried.answer) {
                (Ask::Query(query), Some(Answer::Query(Ok(response)))) => {
                    let looks = hunts.entry(query.hunt()).or_default();
                    looks.push(look(Asked::One(query), response));
                }
                (Ask::Hunts, Some(Answer::Hunts(cores))) => {
                    for response in cores.iter().flatten() {
                        let Response::Hunts(list) = response else {
                            continue;
                        };
                        for summary in list {
                            let looks = hunts.entry(&summary.id).or_default();
                            looks.push(look(Asked::Summary(summary), response));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    hunts
}

/// Pages of events and rankings have checks of their own.
fn is_folded(look: &Look<'_>) -> bool {
    !matches!(
        look.response,
        Response::Events(_) | Response::Leaderboard(_)
    )
}

fn is_true(prefix: &Prefix<'_>, look: &Look<'_>) -> bool {
    let Some(model) = &prefix.model else {
        return matches!(look.response, Response::Refused(Refusal::UnknownHunt));
    };
    if let Asked::Summary(summary) = look.query {
        return shown::is(summary, &shown::summary(model));
    }
    match (look.query, look.response) {
        (Asked::One(Query::Stats { .. }), Response::Stats(given)) => {
            given.seq == model.seq && shown::is(given, &shown::stats(model))
        }
        (Asked::One(Query::Progress { player, .. }), Response::Progress(given)) => {
            let seq = model.players.get(player).map_or(0, |player| player.seq);
            let right = || shown::progress(model, player, prefix.shard);
            given.seq == seq && shown::is(given, &right())
        }
        (
            Asked::One(Query::Hunt {
                player, audience, ..
            }),
            Response::Hunt(given),
        ) => moments(model).into_iter().any(|now| {
            let right = shown::hunt(model, player.as_ref(), *audience, now);
            shown::is(given, &right)
        }),
        (Asked::One(Query::Definition { .. }), Response::Definition(given)) => {
            model.definition == &**given
        }
        _ => false,
    }
}

/// The moments at which a hunt looks different: as early as is possible, and whenever a clue's time comes after that.
fn moments(model: &Model<'_>) -> Vec<Millis> {
    let clues = model.definition.clues().iter();
    let times = clues.filter_map(|clue| match clue.unlock {
        Unlock::At(at) => Some(at).filter(|at| *at > model.at),
        _ => None,
    });
    std::iter::once(model.at).chain(times).collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;

    #[test]
    fn is_content_with_a_sound_run() {
        let mut run = Fixture::played();
        run.look_at_stats();
        run.look_at_progress("amy");
        run.look_at_progress("zoe");
        run.passes(check);
    }

    #[test]
    fn sees_figures_of_the_past() {
        let mut run = Fixture::played();
        let old = run.look_at_stats().clone();
        run.claim("zoe", "coin");
        *run.look_at_stats() = old;
        run.fails(check, "never so");
    }

    #[test]
    fn sees_progress_that_is_not_committed() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.look_at_progress("zoe");
        run.lose_last_batch();
        run.fails(check, "never so");
    }
}
