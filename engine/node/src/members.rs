//! Who is alive, as far as one observer can tell by its own clock.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::NodeId;
use crate::record::Heartbeat;

/// What an observer has seen of the other nodes.
#[derive(Default)]
pub(crate) struct Members {
    seen: BTreeMap<NodeId, Seen>,
}

/// A node, as last seen.
struct Seen {
    heartbeat: Heartbeat,
    /// When the observer first saw this heartbeat: at the end of the read that brought it.
    since: Duration,
    dead: bool,
}

impl Members {
    /// Takes what a read found that began at `started` and ended at `ended`, both by the observer's own clock.
    ///
    /// A node is dead if a read that *began* more than `lease` after its heartbeat was first seen still found the same
    /// one: then that node can't have proven itself alive for so long, however slow this observer is.
    pub(crate) fn observe(
        &mut self,
        rows: Vec<(NodeId, Heartbeat)>,
        started: Duration,
        ended: Duration,
        lease: Duration,
    ) {
        let mut before = std::mem::take(&mut self.seen);
        for (node, heartbeat) in rows {
            let seen = match before.remove(&node) {
                Some(seen) if seen.heartbeat == heartbeat => Seen {
                    dead: started > seen.since + lease,
                    ..seen
                },
                _ => Seen {
                    heartbeat,
                    since: ended,
                    dead: false,
                },
            };
            self.seen.insert(node, seen);
        }
    }

    /// Those that may be alive.
    pub(crate) fn live(&self) -> impl Iterator<Item = (NodeId, &Heartbeat)> {
        self.pick(false)
    }

    /// Those that are dead but not declared so yet.
    pub(crate) fn dead(&self) -> impl Iterator<Item = (NodeId, &Heartbeat)> {
        self.pick(true)
    }

    fn pick(&self, dead: bool) -> impl Iterator<Item = (NodeId, &Heartbeat)> {
        self.seen
            .iter()
            .filter(move |(_, seen)| seen.dead == dead)
            .map(|(node, seen)| (*node, &seen.heartbeat))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_millis(1_000);

    fn heartbeat(counter: u64) -> Heartbeat {
        Heartbeat {
            incarnation: 7,
            counter,
            cores: 2,
            draining: false,
            address: String::new(),
        }
    }

    /// Feeds `(began, ended, counter)` in milliseconds; says whether the node is dead at the end.
    fn check(reads: &[(u64, u64, u64)]) -> bool {
        let mut members = Members::default();
        for &(began, ended, counter) in reads {
            members.observe(
                vec![(NodeId(1), heartbeat(counter))],
                Duration::from_millis(began),
                Duration::from_millis(ended),
                LEASE,
            );
        }
        members.dead().count() == 1
    }

    #[test]
    fn silence_for_a_lease_is_death() {
        assert!(!check(&[(0, 10, 1), (1_010, 1_020, 1)]));
        assert!(check(&[(0, 10, 1), (1_011, 1_020, 1)]));
    }

    #[test]
    fn a_new_heartbeat_is_life() {
        assert!(!check(&[(0, 10, 1), (900, 910, 2), (1_500, 1_510, 2)]));
        assert!(!check(&[(0, 10, 1), (5_000, 5_010, 2)]));
    }

    #[test]
    fn a_slow_read_kills_nobody() {
        assert!(!check(&[(0, 10, 1), (1_000, 9_000, 1)]));
    }

    #[test]
    fn who_just_came_can_not_judge_yet() {
        assert!(!check(&[(5_000, 5_010, 1)]));
    }

    #[test]
    fn a_row_that_is_gone_is_forgotten() {
        let mut members = Members::default();
        let at = Duration::from_millis;
        members.observe(vec![(NodeId(1), heartbeat(1))], at(0), at(1), LEASE);
        members.observe(Vec::new(), at(2), at(3), LEASE);
        assert_eq!((members.live().count(), members.dead().count()), (0, 0));
    }
}
