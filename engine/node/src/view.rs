//! The cluster as one node sees it, and what that makes each shard.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hunt::ShardId;

use crate::placement::place;
use crate::record::Heartbeat;
use crate::{CoreAddress, NodeId};

/// What the core that sends heartbeats tells the other cores of its node. A snapshot: the next one replaces it.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The node's membership: drawn anew whenever it joins. 0: it is none.
    pub member: u32,
    /// Until then, by the clock that the node's cores share, nobody else can have taken a shard of this node.
    pub fresh_until: Duration,
    /// Who may be alive, and what that makes each shard.
    map: Arc<Map>,
}

/// The nodes of a cluster and where each shard should be: the same from view to view, until a node comes, goes or changes.
#[derive(Debug, Default)]
pub(crate) struct Map {
    /// Those that may be alive.
    members: BTreeMap<NodeId, Member>,
    /// Where each shard should be, by shard.
    owners: Vec<Option<CoreAddress>>,
}

/// A node that may be alive, by its last heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// How many cores it has.
    pub cores: u16,
    /// How other nodes reach it.
    pub address: String,
    /// It hands over what it has and wants nothing more.
    pub draining: bool,
}

impl Map {
    /// As the heartbeats of those that may be alive say. `before` is given back if they say the same.
    pub(crate) fn of<'a>(
        live: impl Iterator<Item = (NodeId, &'a Heartbeat)>,
        shards: u16,
        before: &Arc<Self>,
    ) -> Arc<Self> {
        let live: Vec<_> = live.collect();
        if before.owners.len() == usize::from(shards) && before.says_the_same(&live) {
            return before.clone();
        }
        let members: BTreeMap<_, _> = live
            .into_iter()
            .map(|(node, heartbeat)| (node, Member::of(heartbeat)))
            .collect();
        let staying = members.iter().filter(|(_, member)| !member.draining);
        let owners = (0..shards)
            .map(|shard| {
                let node = place(shard, staying.clone().map(|(node, _)| *node))?;
                core_on(&members, node, shard)
            })
            .collect();
        Arc::new(Self { members, owners })
    }

    fn says_the_same(&self, live: &[(NodeId, &Heartbeat)]) -> bool {
        let known = |(node, heartbeat): &(NodeId, &Heartbeat)| {
            let member = self.members.get(node);
            member.is_some_and(|member| member.is_of(heartbeat))
        };
        live.len() == self.members.len() && live.iter().all(known)
    }
}

impl View {
    /// Of a node that is this member, and fresh until then.
    pub(crate) fn new(member: u32, fresh_until: Duration, map: Arc<Map>) -> Self {
        Self {
            member,
            fresh_until,
            map,
        }
    }

    /// Where the shard should be.
    pub fn owner(&self, shard: ShardId) -> Option<CoreAddress> {
        self.map.owners.get(usize::from(shard)).copied().flatten()
    }

    /// The node is a member of the cluster, as far as it knows.
    pub fn is_member(&self) -> bool {
        self.member != 0
    }

    /// The nodes that may be alive.
    pub fn members(&self) -> &BTreeMap<NodeId, Member> {
        &self.map.members
    }

    /// The core of `node` that has the shard if that node does; none if the node is not alive.
    pub(crate) fn core_on(&self, node: NodeId, shard: ShardId) -> Option<CoreAddress> {
        core_on(self.members(), node, shard)
    }

    /// Every core of every node that may be alive.
    pub(crate) fn all_cores(&self) -> impl Iterator<Item = CoreAddress> {
        let cores = |(node, member): (&NodeId, &Member)| {
            let node = *node;
            (0..member.cores).map(move |core| CoreAddress { node, core })
        };
        self.members().iter().flat_map(cores)
    }

    /// Whether the node hands over what it has.
    pub(crate) fn is_draining(&self, node: NodeId) -> bool {
        let member = self.members().get(&node);
        member.is_some_and(|member| member.draining)
    }

    /// Whether somebody else is there to take what the node hands over.
    pub(crate) fn has_heir_of(&self, node: NodeId) -> bool {
        let heir = |(other, member): (&NodeId, &Member)| *other != node && !member.draining;
        self.members().iter().any(heir)
    }
}

impl Member {
    pub(crate) fn of(heartbeat: &Heartbeat) -> Self {
        Self {
            cores: heartbeat.cores.max(1),
            address: heartbeat.address.clone(),
            draining: heartbeat.draining,
        }
    }

    /// Whether the heartbeat says nothing else.
    fn is_of(&self, heartbeat: &Heartbeat) -> bool {
        let Self {
            cores,
            address,
            draining,
        } = self;
        (*cores, *draining) == (heartbeat.cores.max(1), heartbeat.draining)
            && *address == heartbeat.address
    }
}

fn core_on(
    members: &BTreeMap<NodeId, Member>,
    node: NodeId,
    shard: ShardId,
) -> Option<CoreAddress> {
    let core = shard % members.get(&node)?.cores;
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
        let map = Map::of(live.into_iter(), 8, &Arc::default());
        let view = View::new(1, Duration::ZERO, map);
        let owners: Vec<_> = (0..8).filter_map(|shard| view.owner(shard)).collect();
        assert!(owners.iter().all(|owner| owner.node == NodeId(1)));
        assert_eq!(owners[3].core, 1);
        let asked = view.core_on(NodeId(2), 3).map(|address| address.core);
        assert_eq!((asked, view.all_cores().count()), (Some(1), 4));
        assert_eq!(view.core_on(NodeId(3), 3), None);
        assert!(view.is_draining(NodeId(2)) && !view.is_draining(NodeId(1)));
        assert!(view.has_heir_of(NodeId(2)) && !view.has_heir_of(NodeId(1)));
    }

    #[test]
    fn a_map_lasts_until_a_node_comes_or_goes() {
        let heartbeat = |counter, draining| Heartbeat {
            incarnation: 1,
            counter,
            cores: 2,
            draining,
            address: String::new(),
        };
        let of = |beats: &[Heartbeat], before: &Arc<Map>| {
            Map::of((1..).map(NodeId).zip(beats), 8, before)
        };
        let first = of(&[heartbeat(1, false), heartbeat(1, false)], &Arc::default());
        let same = of(&[heartbeat(2, false), heartbeat(9, false)], &first);
        assert!(Arc::ptr_eq(&first, &same));
        for other in [
            &[heartbeat(2, false)][..],
            &[heartbeat(2, false), heartbeat(2, true)],
            &[
                heartbeat(2, false),
                heartbeat(2, false),
                heartbeat(2, false),
            ],
        ] {
            let other = of(other, &first);
            assert!(!Arc::ptr_eq(&first, &other));
            assert_ne!(first.owners, other.owners);
        }
        let mut moved = heartbeat(2, false);
        moved.address = "elsewhere:7000".to_owned();
        let moved = of(&[moved, heartbeat(2, false)], &first);
        assert_eq!(moved.members[&NodeId(1)].address, "elsewhere:7000");
    }
}
