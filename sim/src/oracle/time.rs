//! Within a shard, the time of events never runs back; and where the clocks of all nodes tell the true time, an event
//! is of the time between its request and its commit.

use std::collections::BTreeMap;

use super::ledger::Placed;
use super::wall::Walls;
use super::{Evidence, failure};
use crate::outcome::Failure;

const ORACLE: &str = "time";

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    for (shard, events) in &evidence.ledger.shards {
        for pair in events.windows(2) {
            if let [before, after] = pair
                && after.event.at < before.event.at
            {
                let detail = format!(
                    "shard {shard}: event {} is of {}, event {} before it of {}",
                    after.event.seq, after.event.at, before.event.seq, before.event.at
                );
                return Err(failure(ORACLE, after.at_us(), detail));
            }
        }
    }
    is_true(evidence)
}

/// Compares with the true time, which clients and the store know.
fn is_true(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let walls = Walls::of(evidence.plan);
    let mut began: BTreeMap<(u16, u64), u64> = BTreeMap::new();
    for deed in evidence.deeds.iter().filter(|deed| !deed.repeats) {
        let log = evidence.ledger.hunt(&deed.command.hunt);
        let effects = deed.effects.iter().filter_map(|at| log?.events.get(*at));
        for placed in effects {
            began.insert((placed.batch.shard, placed.event.seq), deed.began_us());
        }
    }
    let all = evidence.ledger.shards.values().flatten();
    all.into_iter().try_for_each(|placed| {
        let began_us = began.get(&(placed.batch.shard, placed.event.seq));
        is_of_its_time(walls, placed, began_us.copied().unwrap_or(0))
    })
}

fn is_of_its_time(walls: Walls, placed: &Placed<'_>, began_us: u64) -> Result<(), Failure> {
    let span = walls.between(began_us, placed.at_us());
    if span.is_none_or(|span| span.holds(placed.event.at)) {
        return Ok(());
    }
    let detail = format!(
        "shard {}: event {} is of {}, but it was asked for at {began_us} us and committed at {} us",
        placed.batch.shard,
        placed.event.seq,
        placed.event.at,
        placed.at_us()
    );
    Err(failure(ORACLE, placed.at_us(), detail))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;

    #[test]
    fn is_content_with_a_sound_run() {
        Fixture::played().passes(check);
    }

    #[test]
    fn sees_time_run_back() {
        let mut run = Fixture::played();
        run.event_mut(3).at.0 -= 60_000;
        run.fails(check, "before it of");
    }

    #[test]
    fn sees_an_event_of_the_future() {
        let mut run = Fixture::played();
        run.last_event_mut().at.0 += 60_000;
        run.fails(check, "and committed at");
    }

    #[test]
    fn sees_an_event_from_before_its_request() {
        let mut run = Fixture::played();
        run.wait_ms(5_000);
        run.claim("zoe", "coin");
        run.last_event_mut().at.0 -= 4_000;
        run.fails(check, "but it was asked for at");
    }
}
