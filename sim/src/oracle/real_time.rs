//! Order in real time: what ended before something else began comes before it in the log of their shard; and nothing
//! takes effect before it is asked for.

use std::collections::BTreeMap;

use hunt::{Seq, ShardId};

use super::deed::Deed;
use super::ledger::Placed;
use super::{Evidence, failure};
use crate::outcome::Failure;

const ORACLE: &str = "real_time";

/// Something that happens to a command, as its client sees it. Ends order before begins of the same moment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Done,
    Begun,
}

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let mut moments = Vec::new();
    for deed in &evidence.deeds {
        let Some(placed) = effect(evidence, deed) else {
            continue;
        };
        if placed.at_us() < deed.began_us() {
            let detail = format!(
                "{} was first sent after its event {} was committed",
                deed.name(),
                placed.event.seq
            );
            return Err(failure(ORACLE, placed.at_us(), detail));
        }
        moments.push((deed.began_us(), Moment::Begun, deed, placed));
        if let Some(done_us) = deed.done_us() {
            moments.push((done_us, Moment::Done, deed, placed));
        }
    }
    moments.sort_by_key(|(at_us, moment, ..)| (*at_us, *moment));
    let mut newest: BTreeMap<ShardId, (Seq, &Deed<'_>)> = BTreeMap::new();
    for (at_us, moment, deed, placed) in moments {
        let shard = placed.batch.shard;
        let known = newest
            .get(&shard)
            .filter(|(seq, _)| *seq > placed.event.seq);
        match (moment, known) {
            (Moment::Begun, Some((seq, before))) => {
                let detail = format!(
                    "{} began after {} had ended, but its event {} of shard {shard} comes before {seq}",
                    deed.name(),
                    before.name(),
                    placed.event.seq
                );
                return Err(failure(ORACLE, at_us, detail));
            }
            (Moment::Done, None) => {
                newest.insert(shard, (placed.event.seq, deed));
            }
            (Moment::Begun, None) | (Moment::Done, Some(_)) => {}
        }
    }
    Ok(())
}

/// The event of a command, if there is just one, and no other operation asked for the same.
fn effect<'a>(evidence: &Evidence<'a>, deed: &Deed<'a>) -> Option<Placed<'a>> {
    let [place] = deed.effects.as_slice() else {
        return None;
    };
    if deed.repeats {
        return None;
    }
    let log = evidence.ledger.hunt(&deed.command.hunt)?;
    log.events.get(*place).copied()
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
    fn sees_an_event_before_its_request() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.history.ops.last_mut().unwrap().tries[0].sent_us += 500;
        run.history.ops.last_mut().unwrap().tries[0].ended_us = Some(u64::MAX);
        run.truth.batches.last_mut().unwrap().at_us -= 900;
        run.fails(check, "was first sent after its event");
    }

    #[test]
    fn sees_events_in_the_wrong_order() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.claim("yan", "badge");
        run.swap_last_two_events();
        run.fails(check, "had ended");
    }
}
