//! Which node a shard should be on: rendezvous hashing (Thaler and Ravishankar, 1998). All nodes that see the same members
//! come to the same answer, and a node that comes or goes moves its own shards only.

use std::hash::Hasher;

use hunt::ShardId;
use siphasher::sip::SipHasher24;

use crate::NodeId;

/// The node of `nodes` that `shard` belongs to; none if there are no nodes.
pub(crate) fn place(shard: ShardId, nodes: impl Iterator<Item = NodeId>) -> Option<NodeId> {
    nodes.max_by_key(|node| (weight(shard, *node), *node))
}

fn weight(shard: ShardId, node: NodeId) -> u64 {
    let mut hasher = SipHasher24::new_with_keys(0, 0);
    hasher.write(&node.0.to_le_bytes());
    hasher.write(&shard.to_le_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARDS: u16 = 1_000;

    fn placed(nodes: &[u64]) -> Vec<u64> {
        let nodes = || nodes.iter().map(|node| NodeId(*node));
        (0..SHARDS)
            .filter_map(|shard| Some(place(shard, nodes())?.0))
            .collect()
    }

    #[test]
    fn each_node_gets_about_its_share() {
        let placed = placed(&[1, 2, 3, 4]);
        for node in 1..=4 {
            let share = placed.iter().filter(|found| **found == node).count();
            assert!((190..=310).contains(&share), "node {node} has {share}");
        }
    }

    #[test]
    fn only_the_shards_of_who_leaves_move() {
        let (before, after) = (placed(&[1, 2, 3]), placed(&[1, 3]));
        let moved = before.iter().zip(&after).filter(|(a, b)| a != b);
        assert!(moved.clone().count() > 200);
        assert!(moved.into_iter().all(|(from, _)| *from == 2));
    }

    #[test]
    fn nobody_owns_anything_where_nobody_is() {
        assert_eq!(place(3, std::iter::empty()), None);
    }
}
