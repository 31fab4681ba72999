//! Three engines on one store, and what they say about each other.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tests::authority::Authority;
use tests::players::look;
use tests::{Client, Role, Scratch, hunts, program};

use crate::node::{Node, Spec};
use tests::wait_until;

/// Hunts that lie in several shards.
pub(crate) const HUNTS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
/// Coins of each hunt: fewer than want one.
pub(crate) const COINS: u64 = 40;
/// Engines.
const NODES: u64 = 3;
/// Shards, as by default.
const SHARDS: usize = 64;

/// The tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// The engines, and the store that they share.
pub(crate) struct Cluster {
    scratch: Scratch,
    authority: Authority,
    pub(crate) nodes: Vec<Node>,
    /// Given back last.
    _turn: MutexGuard<'static, ()>,
}

impl Cluster {
    /// Three engines, each with its share, with hunts on them; none if there is no store for more than one process.
    pub(crate) fn start(name: &str) -> Option<Self> {
        if !is_shared() {
            eprintln!("skipped: HUNT_TEST_STORE=fdb and FDB_CLUSTER_FILE are not both set");
            return None;
        }
        // One that failed leaves nothing behind that could harm the next.
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let scratch = Scratch::new(name);
        let store = scratch.join("store");
        let authority = Authority::new(name);
        let nodes = (1..=NODES).map(|id| Spec::new(id).start(&store, &authority));
        let nodes = nodes.collect();
        let cluster = Self {
            scratch,
            authority,
            nodes,
            _turn: turn,
        };
        cluster.settle();
        let mut client = Client::new(cluster.nodes[0].address());
        for hunt in HUNTS {
            hunts::put_open(&mut client, &hunts::coins(hunt, COINS));
        }
        Some(cluster)
    }

    /// Starts an engine again where it was.
    pub(crate) fn start_again(&mut self, spec: &Spec) {
        let store = self.scratch.join("store");
        self.nodes.push(spec.start(&store, &self.authority));
    }

    /// Where all engines listen.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.nodes.iter().map(Node::address).collect()
    }

    /// Waits until every shard is open on some engine, and each has its share.
    pub(crate) fn settle(&self) {
        for node in &self.nodes {
            wait_until("every engine has its share", || {
                node.is_ready() && owners(&view(node.address())) == (self.nodes.len(), SHARDS)
            });
        }
    }

    /// Whether these engines serve all shards, as the first of them sees it.
    pub(crate) fn all_served_by(&self, count: usize) -> bool {
        owners(&view(self.nodes[0].address())) == (count, SHARDS)
    }

    /// Stops all engines and checks the store.
    pub(crate) fn verify(mut self) {
        for node in self.nodes.drain(..) {
            node.stop();
        }
        program::verify_clean(&self.scratch.join("store"));
    }
}

/// Whether the store of these tests is one that processes can share.
fn is_shared() -> bool {
    let is_set = |name| std::env::var(name).is_ok_and(|value| !value.is_empty());
    std::env::var("HUNT_TEST_STORE").as_deref() == Ok("fdb") && is_set("FDB_CLUSTER_FILE")
}

fn view(address: SocketAddr) -> Value {
    look(&mut Client::new(address), Role::Service, "/v1/cluster")
}

/// How many engines have shards open, and how many shards are.
fn owners(view: &Value) -> (usize, usize) {
    let shards = view["shards"].as_array().unwrap().iter();
    let open = shards.filter(|shard| shard["open"] == true);
    let mut owners: Vec<&str> = open.filter_map(|shard| shard["node"].as_str()).collect();
    let shards = owners.len();
    owners.sort_unstable();
    owners.dedup();
    (owners.len(), shards)
}
