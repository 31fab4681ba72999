//! Nobody is declared dead who lives: a node may remove another's heartbeat only after that has not changed for a whole
//! lease, for so long the other may answer from memory. It counts from a beat's first try, so its second changes nothing.

use std::collections::BTreeMap;

use node::inspect::Beat;

use super::{Evidence, failure};
use crate::outcome::Failure;
use crate::plan::{DisasterKind, Plan};

const ORACLE: &str = "declared_dead";

const MILLION: u64 = 1_000_000;

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let least_us = least_us(evidence.plan);
    // When each node's last beat was written first.
    let mut beats: BTreeMap<u64, (Beat, u64)> = BTreeMap::new();
    for heartbeat in &evidence.truth.heartbeats {
        let (node, at_us) = (heartbeat.node, heartbeat.at_us);
        let last = beats.get(&node).copied();
        if let Some(beat) = heartbeat.beat {
            let is_again = last.is_some_and(|(last, _)| last == beat);
            if !is_again {
                beats.insert(node, (beat, at_us));
            }
            continue;
        }
        let silent_us = at_us - last.map_or(0, |(_, since_us)| since_us);
        if u64::from(heartbeat.writer.0) != node && silent_us < least_us {
            let detail = format!(
                "{:?} declared node {node} dead only {silent_us} us after its heartbeat, not {least_us}",
                heartbeat.writer
            );
            return Err(failure(ORACLE, at_us, detail));
        }
    }
    Ok(())
}

/// A lease by the fastest clock that the plan allows for.
fn least_us(plan: &Plan) -> u64 {
    let fastest = plan.disasters.iter().map(|disaster| match disaster.what {
        DisasterKind::Drift { ppm, .. } => u64::try_from(ppm).unwrap_or(0),
        _ => 0,
    });
    plan.engine.lease_ms * 1_000 * MILLION / (MILLION + fastest.max().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use node::inspect::Beat;

    use super::check;
    use crate::oracle::fixture::Fixture;
    use crate::truth::LandedHeartbeat;

    fn run(writer: (u16, u16), silent_ms: u64) -> Fixture {
        let mut run = Fixture::played();
        run.plan.engine.lease_ms = 2_000;
        let beat = LandedHeartbeat {
            at_us: 500_000,
            writer: (1, 0),
            node: 1,
            beat: Some(Beat {
                member: 7,
                counter: 1,
            }),
        };
        let again = LandedHeartbeat {
            at_us: beat.at_us + 1_000,
            ..beat
        };
        let removed = LandedHeartbeat {
            at_us: beat.at_us + silent_ms * 1_000,
            writer,
            beat: None,
            ..beat
        };
        run.truth.heartbeats = vec![beat, again, removed];
        run
    }

    #[test]
    fn is_content_with_a_node_that_was_silent_or_went_by_itself() {
        run((2, 0), 2_000).passes(check);
        run((1, 0), 10).passes(check);
    }

    #[test]
    fn sees_that_a_living_node_was_declared_dead() {
        run((2, 0), 1_990).fails(check, "declared node 1 dead only 1990000 us");
    }
}
