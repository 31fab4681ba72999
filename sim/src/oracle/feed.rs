//! Each feed page goes on right after its position, in the one global order, leaves nothing out, and has all that was
//! committed before it was asked for. So every reader that goes on from the last position has each event once.

use hunt::view::event_view;
use hunt::{Event, EventBody, ShardId};
use node::{FeedEvent, FeedPage, FeedPosition};

use super::ledger::Ledger;
use super::{Evidence, failure, shown};
use crate::history::{Answer, Ask, Op, Try};
use crate::outcome::Failure;

const ORACLE: &str = "feed";

/// Events of one page at most, as the product says.
const PAGE_MAX: usize = 10_000;

/// An event at its place in the global order.
struct Placed<'a> {
    position: FeedPosition,
    shard: ShardId,
    event: &'a Event,
    at_us: u64,
}

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let order = order(evidence);
    for op in &evidence.history.ops {
        let Ask::Feed { after, limit } = &op.ask else {
            continue;
        };
        for tried in &op.tries {
            if let (Some(Answer::Feed(Ok(page))), Some(ended_us)) = (&tried.answer, tried.ended_us)
            {
                let sound = follows(&order, *after, *limit, tried, ended_us, page);
                let named = || are_named_right(&evidence.ledger, page, ended_us);
                sound.and_then(|()| named()).map_err(|problem| {
                    let detail = format!(
                        "{} asked for {limit} events after {after} at {} us, and got {} up to {} (more: {}): {problem}",
                        name(op),
                        tried.sent_us,
                        page.events.len(),
                        page.position,
                        page.more
                    );
                    failure(ORACLE, ended_us, detail)
                })?;
            }
        }
    }
    Ok(())
}

fn name(op: &Op) -> String {
    format!("operation {} of client {}", op.nth, op.client)
}

/// All events in the order of their commits.
fn order<'a>(evidence: &Evidence<'a>) -> Vec<Placed<'a>> {
    let batches = evidence.truth.batches.iter();
    batches
        .flat_map(|batch| {
            batch.events.iter().zip(1..).map(|(event, events)| Placed {
                position: FeedPosition {
                    versionstamp: batch.stamp.0,
                    events,
                },
                shard: batch.shard,
                event,
                at_us: batch.at_us,
            })
        })
        .collect()
}

fn follows(
    order: &[Placed<'_>],
    after: FeedPosition,
    limit: usize,
    tried: &Try,
    ended_us: u64,
    page: &FeedPage,
) -> Result<(), String> {
    let start = order.partition_point(|placed| placed.position <= after);
    let rest = order.get(start..).unwrap_or_default();
    for (nth, given) in page.events.iter().enumerate() {
        let right = rest.get(nth).ok_or_else(|| {
            format!(
                "event {} of shard {} is not there",
                given.event.seq, given.shard
            )
        })?;
        let same = (right.position, right.shard) == (given.position, given.shard)
            && right.event == &given.event;
        if !same {
            return Err(format!(
                "event {} of shard {} at {} is given where event {} of shard {} at {} is next",
                given.event.seq,
                given.shard,
                given.position,
                right.event.seq,
                right.shard,
                right.position
            ));
        }
        if right.at_us > ended_us {
            return Err(format!(
                "event {} of shard {} is given before its commit",
                given.event.seq, given.shard
            ));
        }
    }
    let end = page.events.last().map_or(after, |last| last.position);
    if page.position != end {
        return Err(format!(
            "it says to go on from {}, not {end}",
            page.position
        ));
    }
    if page.events.len() > limit.clamp(1, PAGE_MAX) {
        return Err("it has more events than were asked for".to_owned());
    }
    let committed = order.partition_point(|placed| placed.at_us < tried.sent_us);
    let given = start + page.events.len();
    if !page.more && given < committed {
        return Err(format!(
            "it says that there is no more, but {} events had been committed",
            committed - given
        ));
    }
    Ok(())
}

/// Each event comes with a definition that its hunt had, and reads as it should.
fn are_named_right(ledger: &Ledger<'_>, page: &FeedPage, ended_us: u64) -> Result<(), String> {
    for given in &page.events {
        let FeedEvent {
            event, definition, ..
        } = given;
        let log = ledger.hunt(&event.hunt);
        let known = log.map_or(&[][..], |log| &log.events[..log.until(ended_us)]);
        let is_its_own = known.iter().any(|placed| {
            matches!(&placed.event.body, EventBody::Put { definition: its, .. } if **its == **definition)
        });
        if !is_its_own {
            let seq = event.seq;
            return Err(format!(
                "event {seq} has a definition that its hunt never had"
            ));
        }
        let view = event_view(event, definition, given.shard);
        if !shown::is(&view, &shown::event(event, definition, given.shard)) {
            return Err(format!("{event:?} does not read {view:?}"));
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
        let mut run = Fixture::played();
        let page = run.read_feed(0, 2).clone();
        assert!(page.more);
        run.read_feed(2, 100);
        run.read_feed(2, 2);
        run.passes(check);
    }

    #[test]
    fn sees_an_event_that_is_skipped() {
        let mut run = Fixture::played();
        run.read_feed(0, 100).events.remove(1);
        run.fails(check, "is next");
    }

    #[test]
    fn sees_an_event_that_comes_twice() {
        let mut run = Fixture::played();
        let page = run.read_feed(0, 100);
        let twice = page.events[1].clone();
        page.events.insert(1, twice);
        run.fails(check, "is next");
    }

    #[test]
    fn sees_a_page_that_ends_too_early() {
        let mut run = Fixture::played();
        let page = run.read_feed(0, 100);
        page.events.pop();
        page.position = page.events.last().unwrap().position;
        run.fails(check, "had been committed");
    }

    #[test]
    fn sees_an_event_that_is_not_committed() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.read_feed(0, 100);
        run.lose_last_batch();
        run.fails(check, "is not there");
    }
}
