//! Each page of a hunt's events goes on right after where it was asked for, leaves nothing out, repeats nothing, has all
//! that was committed before the question, and names things by a definition of that time.

use hunt::view::event_view;
use hunt::{Definition, EventBody, Seq};
use node::{EventsPage, Query, Response};

use super::ledger::HuntLog;
use super::{Evidence, failure, shown};
use crate::history::{Answer, Ask};
use crate::outcome::Failure;

const ORACLE: &str = "events";

/// Events of one page at most, as the product says.
const PAGE_MAX: usize = 10_000;

/// A page, and what was asked.
struct Look<'a> {
    page: &'a EventsPage,
    after: Seq,
    limit: usize,
    sent_us: u64,
    ended_us: u64,
}

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let none = HuntLog::default();
    for op in &evidence.history.ops {
        let Ask::Query(Query::Events { hunt, after, limit }) = &op.ask else {
            continue;
        };
        let log = evidence.ledger.hunt(hunt).unwrap_or(&none);
        for tried in &op.tries {
            let (Some(Answer::Query(Ok(Response::Events(page)))), Some(ended_us)) =
                (&tried.answer, tried.ended_us)
            else {
                continue;
            };
            let look = Look {
                page,
                after: *after,
                limit: (*limit).clamp(1, PAGE_MAX),
                sent_us: tried.sent_us,
                ended_us,
            };
            follows(log, &look)
                .and_then(|()| is_named_right(log, &look))
                .map_err(|problem| {
                    let detail = format!(
                        "client {} asked for {limit} events of hunt {hunt} after {after}, and got {} up to {} (more: {}): {problem}",
                        op.client,
                        page.events.len(),
                        page.next_after,
                        page.more
                    );
                    failure(ORACLE, ended_us, detail)
                })?;
        }
    }
    Ok(())
}

fn follows(log: &HuntLog<'_>, look: &Look<'_>) -> Result<(), String> {
    let page = look.page;
    let start = log
        .events
        .partition_point(|placed| placed.event.seq <= look.after);
    let end = start + page.events.len();
    let next = log.events.get(start..end).unwrap_or_default();
    let given = next.iter().zip(&page.events);
    if next.len() != page.events.len()
        || !given
            .into_iter()
            .all(|(placed, given)| placed.event == given)
    {
        return Err("these are not the next events of the hunt".to_owned());
    }
    if page.events.len() > look.limit {
        return Err("these are more than were asked for".to_owned());
    }
    if next.last().is_some_and(|last| last.at_us() > look.ended_us) {
        return Err("an event was shown before it was committed".to_owned());
    }
    let last = page.events.last().map_or(look.after, |last| last.seq);
    if page.next_after < last {
        return Err(format!("to go on from there repeats event {last}"));
    }
    let skipped = log.events.get(end).map(|placed| placed.event.seq);
    if skipped.is_some_and(|seq| seq <= page.next_after) {
        return Err(format!("to go on from there leaves {skipped:?} out"));
    }
    let committed = log.before(look.sent_us);
    if !page.more && committed > end {
        return Err(format!(
            "there is no more, it says, but {committed} events of the hunt were committed before"
        ));
    }
    Ok(())
}

/// The page has a definition of its time, and each event reads as it should.
fn is_named_right(log: &HuntLog<'_>, look: &Look<'_>) -> Result<(), String> {
    let page = look.page;
    if page.shard != log.shard {
        return Err(format!(
            "the hunt is in shard {}, not {}",
            log.shard, page.shard
        ));
    }
    let mut definitions = definitions(log, look).into_iter();
    if !definitions.any(|definition| *definition == *page.definition) {
        return Err("its definition was not that of the hunt at that time".to_owned());
    }
    let wrong = page.events.iter().find(|event| {
        let right = shown::event(event, &page.definition, page.shard);
        !shown::is(&event_view(event, &page.definition, page.shard), &right)
    });
    match wrong {
        None => Ok(()),
        Some(event) => {
            let view = event_view(event, &page.definition, page.shard);
            Err(format!("{event:?} does not read {view:?}"))
        }
    }
}

/// The definitions that the hunt had between question and answer.
fn definitions<'a>(log: &HuntLog<'a>, look: &Look<'_>) -> Vec<&'a Definition> {
    let (from, to) = (log.before(look.sent_us), log.until(look.ended_us));
    let defined = |place: usize| match &log.events.get(place)?.event.body {
        EventBody::Put { definition, .. } => Some(&**definition),
        _ => None,
    };
    let last_before = (0..from).rev().find_map(defined);
    let between = (from..to).filter_map(defined);
    last_before.into_iter().chain(between).collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;

    #[test]
    fn is_content_with_a_sound_run() {
        let mut run = Fixture::played();
        run.look_at_events(0, 3);
        run.look_at_events(3, 100);
        run.passes(check);
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

    #[test]
    fn sees_a_page_that_comes_again() {
        let mut run = Fixture::played();
        run.look_at_events(0, 3).next_after = 2;
        run.fails(check, "repeats event 3");
    }

    #[test]
    fn sees_a_page_of_another_shard() {
        let mut run = Fixture::played();
        run.look_at_events(0, 3).shard = 7;
        run.fails(check, "in shard 0, not 7");
    }
}
