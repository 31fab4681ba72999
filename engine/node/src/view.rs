//! The cluster as one node sees it, and what that makes each shard.

use std::collections::BTreeMap;
use std::time::Duration;

use hunt::ShardId;

use crate::placement::place;
use crate::record::Heartbeat;
use crate::{CoreAddress, NodeId};

/// What the core that sends heartbeats tells the other cores of its node. A snapshot: the next one replaces it.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The node's membership: drawn anew whenever it joins. 0: it is none.
    pub(crate) member: u32,
    /// Until then, by the clock that the node's cores share, nobody else can have taken a shard of this node.
    pub(crate) fresh_until: Duration,
    /// Cores of each node that may be alive.
    pub(crate) cores: BTreeMap<NodeId, u16>,
    /// Where each shard should be, by shard.
    owners: Vec<Option<CoreAddress>>,
}

impl View {
    /// As the heartbeats of those that may be alive say.
    pub(crate) fn new<'a>(
        member: u32,
        fresh_until: Duration,
        live: impl Iterator<Item = (NodeId, &'a Heartbeat)> + Clone,
        shards: u16,
    ) -> Self {
        let staying = live.clone().filter(|(_, heartbeat)| !heartbeat.draining);
        let cores: BTreeMap<_, _> = live
            .map(|(node, heartbeat)| (node, heartbeat.cores.max(1)))
            .collect();
        let owners = (0..shards)
            .map(|shard| {
                let node = place(shard, staying.clone().map(|(node, _)| node))?;
                core_on(&cores, node, shard)
            })
            .collect();
        Self {
            member,
            fresh_until,
            cores,
            owners,
        }
    }

    /// Where the shard should be.
    pub(crate) fn owner(&self, shard: ShardId) -> Option<CoreAddress> {
        self.owners.get(usize::from(shard)).copied().flatten()
    }

    /// The core of `node` that has the shard if that node does; none if the node is not alive.
    pub(crate) fn core_on(&self, node: NodeId, shard: ShardId) -> Option<CoreAddress> {
        core_on(&self.cores, node, shard)
    }

    /// Every core of every node that may be alive.
    pub(crate) fn all_cores(&self) -> impl Iterator<Item = CoreAddress> {
        self.cores
            .iter()
            .flat_map(|(node, cores)| (0..*cores).map(|core| CoreAddress { node: *node, core }))
    }
}

fn core_on(cores: &BTreeMap<NodeId, u16>, node: NodeId, shard: ShardId) -> Option<CoreAddress> {
    let core = shard % cores.get(&node)?;
    Some(CoreAddress { node, core })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_drains_owns_nothing_but_can_be_asked() {
        let heartbeat = |draining| Heartbeat {
            incarnation: 1,
            counter: 1,
            cores: 2,
            draining,
            address: String::new(),
        };
        let (staying, leaving) = (heartbeat(false), heartbeat(true));
        let live = [(NodeId(1), &staying), (NodeId(2), &leaving)];
        let view = View::new(1, Duration::ZERO, live.into_iter(), 8);
        let owners: Vec<_> = (0..8).filter_map(|shard| view.owner(shard)).collect();
        assert!(owners.iter().all(|owner| owner.node == NodeId(1)));
        assert_eq!(owners[3].core, 1);
        let asked = view.core_on(NodeId(2), 3).map(|address| address.core);
        assert_eq!((asked, view.all_cores().count()), (Some(1), 4));
        assert_eq!(view.core_on(NodeId(3), 3), None);
    }
}
