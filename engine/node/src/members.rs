//! Who is alive, as far as one observer can tell by its own clock.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::record::Heartbeat;
use crate::{ClusterSettings, NodeId};

/// What an observer has seen of the other nodes.
#[derive(Default)]
pub(crate) struct Members {
    seen: BTreeMap<NodeId, Seen>,
    /// When the last read ended.
    looked: Duration,
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
    /// A node is dead if a read that *began* more than a lease after its heartbeat was first seen still found the same
    /// one: then that node can't have proven itself alive for so long, however slow this observer is.
    ///
    /// An observer that saw nothing for half a lease, though it beats more often, begins to wait anew: most likely it was the store that was away, for
    /// the others too, and whoever is back first would bury the rest.
    pub(crate) fn observe(
        &mut self,
        rows: Vec<(NodeId, Heartbeat)>,
        started: Duration,
        ended: Duration,
        cluster: &ClusterSettings,
    ) {
        let mut before = std::mem::take(&mut self.seen);
        let lease = cluster.lease;
        let was_blind = started > self.looked + (lease / 2).max(cluster.heartbeat * 2);
        self.looked = ended;
        for (node, heartbeat) in rows {
            let seen = match before.remove(&node) {
                Some(seen) if seen.heartbeat == heartbeat && !was_blind => Seen {
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

    fn cluster() -> ClusterSettings {
        ClusterSettings {
            lease: Duration::from_millis(1_000),
            heartbeat: Duration::from_millis(100),
            address: String::new(),
            patience: Duration::ZERO,
        }
    }

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
                &cluster(),
            );
        }
        members.dead().count() == 1
    }

    #[test]
    fn silence_for_a_lease_is_death() {
        let at_last = |began| check(&[(0, 10, 1), (400, 410, 1), (800, 810, 1), (began, 1_020, 1)]);
        assert!(!at_last(1_010));
        assert!(at_last(1_011));
    }

    #[test]
    fn a_new_heartbeat_is_life() {
        assert!(!check(&[(0, 10, 1), (900, 910, 2), (1_500, 1_510, 2)]));
        assert!(!check(&[(0, 10, 1), (5_000, 5_010, 2)]));
    }

    #[test]
    fn a_slow_read_kills_nobody() {
        assert!(!check(&[(0, 10, 1), (510, 520, 1), (1_000, 9_000, 1)]));
    }

    #[test]
    fn who_saw_nothing_for_a_while_begins_anew() {
        assert!(!check(&[(0, 10, 1), (400, 9_000, 1), (9_501, 9_510, 1)]));
        let (blind, then) = ((511, 520, 1), (1_020, 1_030, 1));
        assert!(!check(&[(0, 10, 1), blind, then]));
        assert!(!check(&[(0, 10, 1), blind, then, (1_520, 1_530, 1)]));
        assert!(check(&[(0, 10, 1), blind, then, (1_521, 1_530, 1)]));
    }

    #[test]
    fn who_just_came_can_not_judge_yet() {
        assert!(!check(&[(5_000, 5_010, 1)]));
    }

    #[test]
    fn a_row_that_is_gone_is_forgotten() {
        let mut members = Members::default();
        let at = Duration::from_millis;
        members.observe(vec![(NodeId(1), heartbeat(1))], at(0), at(1), &cluster());
        members.observe(Vec::new(), at(2), at(3), &cluster());
        assert_eq!((members.live().count(), members.dead().count()), (0, 0));
    }
}
