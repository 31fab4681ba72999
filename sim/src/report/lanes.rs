//! The lanes of the page: the store, every core, every client, every shard's lease.

use std::collections::{BTreeMap, BTreeSet};

use hunt::ShardId;
use serde::Serialize;
use sim::outcome::Outcome;
use sim::plan::Plan;

/// One lane.
#[derive(Debug, Serialize)]
pub(super) struct Lane {
    pub(super) kind: &'static str,
    pub(super) name: String,
}

/// Finds the place of a lane.
pub(super) struct Lanes {
    list: Vec<Lane>,
    cores: BTreeMap<(u16, u16), usize>,
    clients: BTreeMap<u32, usize>,
    shards: BTreeMap<ShardId, usize>,
}

impl Lanes {
    pub(super) fn of(plan: &Plan, outcome: &Outcome) -> Self {
        let mut lanes = Self {
            list: Vec::new(),
            cores: BTreeMap::new(),
            clients: BTreeMap::new(),
            shards: BTreeMap::new(),
        };
        lanes.add("store", "store".to_owned());
        for node in 1..=plan.nodes {
            for core in 0..plan.cores {
                let at = lanes.add("core", format!("node {node} core {core}"));
                lanes.cores.insert((node, core), at);
            }
        }
        for client in &plan.clients {
            let at = lanes.add(
                "client",
                format!("client {} ({:?})", client.id, client.role).to_lowercase(),
            );
            lanes.clients.insert(client.id, at);
        }
        let shards: BTreeSet<ShardId> = outcome
            .truth
            .leases
            .iter()
            .map(|lease| lease.shard)
            .collect();
        for shard in shards {
            let at = lanes.add("shard", format!("shard {shard}"));
            lanes.shards.insert(shard, at);
        }
        lanes
    }

    fn add(&mut self, kind: &'static str, name: String) -> usize {
        self.list.push(Lane { kind, name });
        self.list.len() - 1
    }

    pub(super) fn store(&self) -> usize {
        0
    }

    /// A core's lane; the world itself (node 0) is drawn on the store's.
    pub(super) fn core(&self, core: (u16, u16)) -> usize {
        self.cores.get(&core).copied().unwrap_or(0)
    }

    /// All cores of a node.
    pub(super) fn node(&self, node: u16) -> impl Iterator<Item = usize> {
        let cores = self.cores.range((node, 0)..=(node, u16::MAX));
        cores.map(|(_, at)| *at)
    }

    pub(super) fn client(&self, client: u32) -> usize {
        self.clients.get(&client).copied().unwrap_or(0)
    }

    pub(super) fn shard(&self, shard: ShardId) -> usize {
        self.shards.get(&shard).copied().unwrap_or(0)
    }

    /// One end of a message: a core, or a client (node 0).
    pub(super) fn party(&self, (node, number): (u16, u32)) -> usize {
        match node {
            0 => self.client(number),
            _ => self.core((node, u16::try_from(number).unwrap_or(u16::MAX))),
        }
    }

    pub(super) fn into_list(self) -> Vec<Lane> {
        self.list
    }
}
