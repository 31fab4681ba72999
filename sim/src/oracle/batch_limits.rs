//! No batch of the log is bigger than the settings allow: what is too much is turned away, not piled up.

use hunt::encode_events;

use super::ledger::request;
use super::{Evidence, failure};
use crate::outcome::Failure;
use crate::truth::LandedBatch;

/// What an event takes at most that a schedule brings up. Such events are taken in whatever the batch holds already.
const SCHEDULED_BYTES_MAX: usize = 128;

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let engine = &evidence.plan.engine;
    for batch in &evidence.truth.batches {
        let problem = too_many(batch, engine.batch_events_max)
            .or_else(|| too_big(batch, engine.batch_bytes_max));
        if let Some(problem) = problem {
            let detail = format!("shard {}: a batch of {problem}", batch.shard);
            return Err(failure("batch_limits", batch.at_us, detail));
        }
    }
    Ok(())
}

/// A command is taken while the batch is not full, so that those that were asked for are no more than fill it.
fn too_many(batch: &LandedBatch, max: usize) -> Option<String> {
    let asked = asked(batch);
    (asked > max).then(|| format!("{asked} events that were asked for, {max} are allowed"))
}

/// The last one that was taken may be as big as it likes.
fn too_big(batch: &LandedBatch, max: usize) -> Option<String> {
    let bytes = encode_events(&batch.events).len();
    if bytes <= max {
        return None;
    }
    let each = batch.events.iter().map(std::slice::from_ref);
    let biggest = each.map(|event| encode_events(event).len()).max();
    let scheduled = batch.events.len() - asked(batch);
    let most = max + biggest.unwrap_or(0) + scheduled * SCHEDULED_BYTES_MAX;
    (bytes > most).then(|| format!("{bytes} bytes, {max} are allowed"))
}

fn asked(batch: &LandedBatch) -> usize {
    let events = batch.events.iter();
    events
        .filter(|event| request(&event.body).is_some())
        .count()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;

    /// A run whose last batch has that many events.
    fn run(events: u64) -> Fixture {
        let mut run = Fixture::played();
        run.claim("zoe", "badge");
        let batch = run.truth.batches.last_mut().expect("it was played");
        let first = batch.events[0].clone();
        batch.events = (0..events)
            .map(|nth| hunt::Event {
                seq: first.seq + nth,
                ..first.clone()
            })
            .collect();
        run
    }

    #[test]
    fn is_content_with_a_batch_that_is_full() {
        let mut run = run(7);
        run.plan.engine.batch_events_max = 7;
        run.plan.engine.batch_bytes_max = 1 << 20;
        run.passes(check);
    }

    #[test]
    fn sees_one_event_too_many() {
        let mut run = run(8);
        run.plan.engine.batch_events_max = 7;
        run.fails(check, "8 events that were asked for, 7 are allowed");
    }

    #[test]
    fn sees_too_many_bytes() {
        let mut run = run(400);
        run.plan.engine.batch_events_max = 1_000;
        run.plan.engine.batch_bytes_max = 1 << 10;
        run.fails(check, "bytes, 1024 are allowed");
    }
}
