//! Within a shard, the time of events never runs back.

use super::{Evidence, failure};
use crate::outcome::Failure;

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
                return Err(failure("time", after.at_us(), detail));
            }
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
        Fixture::played().passes(check);
    }

    #[test]
    fn sees_time_run_back() {
        let mut run = Fixture::played();
        run.event_mut(3).at.0 -= 60_000;
        run.fails(check, "before it of");
    }
}
