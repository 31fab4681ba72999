//! What is looked up equals the fold of the log at some moment between question and answer: progress, figures, the
//! hunt itself, lists of hunts and pages of events.

use std::collections::BTreeMap;

use hunt::view::{hunt_summary, hunt_view, progress, stats};
use hunt::{HuntId, Millis, PlayerState, Refusal, Unlock};
use node::{EventsPage, Query, Response};

use super::ledger::HuntLog;
use super::prefix::{Prefix, Window, search};
use super::{Evidence, failure};
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
        for look in &looks {
            if let (Asked::One(Query::Events { after, limit, .. }), Response::Events(page)) =
                (look.query, look.response)
            {
                events(log, look, *after, *limit, page).map_err(|problem| fail(look, &problem))?;
            }
        }
        let windows = looks
            .into_iter()
            .filter(|look| is_folded(look))
            .map(|look| Window::between(log, look.sent_us, look.ended_us, look));
        let shard = evidence.ledger.shard_of(hunt);
        search(log, shard, windows.collect(), |prefix, look| {
            is_true(prefix, look)
        })
        .map_err(|look| fail(&look, "it was never so in this time"))?;
    }
    Ok(())
}

fn fail(look: &Look<'_>, problem: &str) -> Failure {
    let detail = format!(
        "client {} asked {:?} between {} and {} us and was answered {:?}: {problem}",
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
    let Some(hunt) = &prefix.hunt else {
        return matches!(look.response, Response::Refused(Refusal::UnknownHunt));
    };
    if let Asked::Summary(summary) = look.query {
        return hunt_summary(hunt) == *summary;
    }
    match (look.query, look.response) {
        (Asked::One(Query::Stats { .. }), Response::Stats(given)) => {
            given.seq == hunt.seq() && stats(hunt) == **given
        }
        (Asked::One(Query::Progress { player, .. }), Response::Progress(given)) => {
            let nobody = PlayerState::default();
            let state = prefix.player(player).unwrap_or(&nobody);
            given.seq == state.seq() && progress(hunt, state, prefix.shard) == **given
        }
        (
            Asked::One(Query::Hunt {
                player, audience, ..
            }),
            Response::Hunt(given),
        ) => {
            let nobody = PlayerState::default();
            let state = player
                .as_ref()
                .map(|player| prefix.player(player).unwrap_or(&nobody));
            moments(prefix)
                .into_iter()
                .any(|now| hunt_view(hunt, state, *audience, now) == **given)
        }
        (Asked::One(Query::Definition { .. }), Response::Definition(given)) => {
            hunt.definition() == &**given
        }
        _ => false,
    }
}

/// The moments at which a hunt looks different: as early as is possible, and whenever a clue's time comes after that.
fn moments(prefix: &Prefix<'_>) -> Vec<Millis> {
    let earliest = prefix.at();
    let clues = prefix
        .hunt
        .iter()
        .flat_map(|hunt| hunt.definition().clues());
    let times = clues.filter_map(|clue| match clue.unlock {
        Unlock::At(at) => Some(at).filter(|at| *at > earliest),
        _ => None,
    });
    std::iter::once(earliest).chain(times).collect()
}

/// A page of events goes on right after `after`, leaves none out, and has all that was committed before the question.
fn events(
    log: &HuntLog<'_>,
    look: &Look<'_>,
    after: u64,
    limit: usize,
    page: &EventsPage,
) -> Result<(), String> {
    let start = log
        .events
        .partition_point(|placed| placed.event.seq <= after);
    let there = log.events.get(start..).unwrap_or_default();
    let next = there.get(..page.events.len()).unwrap_or_default();
    let same = next.len() == page.events.len()
        && next
            .iter()
            .zip(&page.events)
            .all(|(placed, given)| placed.event == given);
    if !same {
        return Err("these are not the next events of the hunt".to_owned());
    }
    if page.events.len() > limit.max(1) {
        return Err(format!("more than {limit} events"));
    }
    if next.last().is_some_and(|last| last.at_us() > look.ended_us) {
        return Err("an event was shown before it was committed".to_owned());
    }
    let end = start + page.events.len();
    let skipped = log.events.get(end).map(|placed| placed.event.seq);
    if skipped.is_some_and(|seq| seq <= page.next_after) {
        return Err(format!(
            "it says to go on after {}, which leaves {skipped:?} out",
            page.next_after
        ));
    }
    if !page.more && log.before(look.sent_us) > end {
        return Err(format!(
            "it says that there is no more, but {} events were committed before",
            log.before(look.sent_us)
        ));
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
        run.look_at_stats();
        run.look_at_progress("amy");
        run.look_at_progress("zoe");
        run.look_at_events(0, 3);
        run.look_at_events(3, 100);
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

    #[test]
    fn sees_an_event_that_is_left_out() {
        let mut run = Fixture::played();
        run.look_at_events(0, 100).events.remove(1);
        run.fails(check, "not the next events");
    }

    #[test]
    fn sees_a_page_that_ends_too_early() {
        let mut run = Fixture::played();
        run.look_at_events(0, 100).events.pop();
        run.fails(check, "leaves");
    }
}
