//! Nodes on one store, and what they say about each other.

use std::collections::BTreeMap;

use serde_json::Value;
use server::runtime::{memory_database, run_offline};
use store_sim::MemoryDatabase;
use tests::players::look;
use tests::{Client, Role, hunts};

use crate::node::{Node, SHARDS, Spec};
use tests::wait_until;

/// Hunts that lie in several shards.
pub(crate) const HUNTS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
/// Coins of each hunt: fewer than want one.
pub(crate) const COINS: u64 = 40;

/// Nodes, and the store that they share.
pub(crate) struct Cluster {
    pub(crate) store: MemoryDatabase,
    pub(crate) nodes: Vec<Node>,
}

impl Cluster {
    /// Nodes 1 to `count`, each with its share, with hunts on them.
    pub(crate) fn start(count: u64) -> Self {
        Self::of((1..=count).map(Spec::new).collect())
    }

    /// These nodes, each with its share, with hunts on them.
    pub(crate) fn of(specs: Vec<Spec>) -> Self {
        let store = memory_database();
        let nodes: Vec<_> = specs.iter().map(|spec| spec.start(&store)).collect();
        let cluster = Self { store, nodes };
        cluster.settle();
        let mut client = Client::new(cluster.nodes[0].address());
        for hunt in HUNTS {
            hunts::put_open(&mut client, &hunts::coins(hunt, COINS));
        }
        cluster
    }

    /// Waits until every shard is open on some node, each node has its share, and all are linked.
    pub(crate) fn settle(&self) {
        for node in &self.nodes {
            wait_until(&format!("node {} is ready", node.spec.id), || {
                node.is_ready() && is_settled(&view(node), self.nodes.len())
            });
        }
    }

    /// The node that has the hunt, as the store has it: also if that node can't be reached.
    pub(crate) fn owner(&self, hunt: &str) -> usize {
        let shard = hunt::HuntId::new(hunt).unwrap().shard(SHARDS);
        let view = view(&self.nodes[0]);
        let mut shards = view["shards"].as_array().unwrap().iter();
        let found = shards.find(|found| found["shard"] == shard).unwrap();
        let node = found["node"].as_str().unwrap();
        let of = |spec: &Spec| format!("{:016x}", spec.id) == node;
        self.nodes.iter().position(|node| of(&node.spec)).unwrap()
    }

    /// Stops all nodes and checks the store. How many grants it holds.
    pub(crate) fn verify(self) -> u64 {
        for node in self.nodes {
            node.stop();
        }
        let prefix = node::Settings::default().prefix;
        let report = run_offline(&self.store, async |host| {
            node::verify::verify(&host, &prefix).await
        });
        let report = report.unwrap().unwrap();
        assert!(report.is_clean(), "{report:#?}");
        report.grants
    }
}

/// `/v1/cluster`, as this node sees it.
pub(crate) fn view(node: &Node) -> Value {
    look(
        &mut Client::new(node.address()),
        Role::Service,
        "/v1/cluster",
    )
}

/// Owner and epoch by shard, of those that are open.
pub(crate) fn shards(view: &Value) -> BTreeMap<u16, Option<(String, u64)>> {
    let shards = view["shards"].as_array().unwrap().iter();
    let owner = |shard: &Value| {
        let node = shard["node"].as_str().filter(|_| shard["open"] == true)?;
        Some((node.to_owned(), shard["epoch"].as_u64()?))
    };
    shards
        .map(|shard| (shard["shard"].as_u64().unwrap() as u16, owner(shard)))
        .collect()
}

/// How many shards each node has open.
pub(crate) fn shares(view: &Value) -> BTreeMap<String, usize> {
    let mut shares = BTreeMap::new();
    for (owner, _) in shards(view).into_values().flatten() {
        *shares.entry(owner).or_default() += 1;
    }
    shares
}

fn is_settled(view: &Value, nodes: usize) -> bool {
    let listed = view["nodes"].as_array().unwrap();
    let linked = listed.iter().filter(|node| node["link"] == "up").count();
    let shares = shares(view);
    listed.len() == nodes
        && linked == nodes - 1
        && shares.len() == nodes
        && shares.values().sum::<usize>() == usize::from(SHARDS)
}
