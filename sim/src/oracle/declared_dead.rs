//! Nobody is declared dead who lives: a node may remove another's heartbeat only after that has not changed for a whole
//! lease, for so long the other may answer from memory. It counts from a beat's first try, so its second changes nothing.
//! And nobody who was declared dead may go on believing that it lives, whether it had a chance to act on it or not.

use std::collections::BTreeMap;

use node::inspect::Beat;

use super::{Evidence, failure};
use crate::outcome::Failure;
use crate::plan::{DisasterKind, Plan};

const ORACLE: &str = "declared_dead";

const MILLION: u64 = 1_000_000;

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let least_us = least_us(evidence.plan);
    let mut seen: BTreeMap<u64, Last> = BTreeMap::new();
    for heartbeat in &evidence.truth.heartbeats {
        let (node, at_us) = (heartbeat.node, heartbeat.at_us);
        let last = seen.get(&node).copied();
        let standing = last.filter(|last| last.stands);
        let Some(beat) = heartbeat.beat else {
            let silent_us = at_us - last.map_or(0, |last| last.since_us);
            if u64::from(heartbeat.writer.0) != node {
                if silent_us < least_us {
                    let detail = format!(
                        "{:?} declared node {node} dead only {silent_us} us after its heartbeat, not {least_us}",
                        heartbeat.writer
                    );
                    return Err(failure(ORACLE, at_us, detail));
                }
                standing.map_or(Ok(()), |last| check_belief(evidence, node, &last, at_us))?;
            }
            seen.entry(node).and_modify(|last| last.stands = false);
            continue;
        };
        if let Some(other) = standing.filter(|last| last.beat.member != beat.member) {
            check_belief(evidence, node, &other, at_us)?;
        }
        let again = last.filter(|last| last.beat == beat);
        let last = Last {
            beat,
            since_us: again.map_or(at_us, |last| last.since_us),
            stands: true,
        };
        seen.insert(node, last);
    }
    Ok(())
}

/// A node's last beat.
#[derive(Clone, Copy)]
struct Last {
    beat: Beat,
    /// When it was written first.
    since_us: u64,
    /// It was not removed.
    stands: bool,
}

/// The process whose heartbeat another removed or replaced had ceased to trust in its lease by then, unless it has joined
/// again since: a node that has not heard yet that it joined does so as the same member.
fn check_belief(
    evidence: &Evidence<'_>,
    node: u64,
    last: &Last,
    removed_us: u64,
) -> Result<(), Failure> {
    let member = last.beat.member;
    let joined_again_us = evidence.truth.heartbeats.iter().find_map(|heartbeat| {
        let is_his = heartbeat.node == node && heartbeat.at_us > removed_us;
        let beat = heartbeat
            .beat
            .filter(|beat| is_his && beat.member == member);
        beat.map(|_| heartbeat.at_us)
    });
    let mut late = evidence.observations.beliefs.iter().filter(|belief| {
        u64::from(belief.node) == node
            && belief.member == member
            && belief.until_us > removed_us
            && joined_again_us.is_none_or(|joined_us| belief.at_us < joined_us)
    });
    late.next().map_or(Ok(()), |belief| {
        let detail = format!(
            "node {node} ceased to be member {member} at {removed_us} us, and believed in its lease until {} us",
            belief.until_us
        );
        Err(failure(ORACLE, removed_us, detail))
    })
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
    use crate::oracle::Belief;
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

    #[test]
    fn sees_that_a_dead_node_believes_in_its_lease() {
        let believing = |member, until_us| {
            let mut run = run((2, 0), 2_000);
            run.observations.beliefs.push(Belief {
                at_us: 3_000_000,
                node: 1,
                member,
                until_us,
            });
            run
        };
        believing(7, 2_500_000).passes(check);
        believing(8, 2_500_001).passes(check);
        believing(7, 2_500_001).fails(check, "believed in its lease until 2500001 us");
        let mut joined_again = believing(7, 2_500_001);
        let again = joined_again.truth.heartbeats[1];
        joined_again.truth.heartbeats.push(LandedHeartbeat {
            at_us: 2_900_000,
            ..again
        });
        joined_again.passes(check);
        let mut replaced = believing(7, 2_500_001);
        let other = Beat {
            member: 8,
            counter: 1,
        };
        replaced.truth.heartbeats[2].beat = Some(other);
        replaced.fails(check, "ceased to be member 7 at 2500000 us");
    }
}
