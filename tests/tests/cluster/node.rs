//! One node of a cluster within this process.

use std::net::SocketAddr;

use server::runtime::{Engine, StartError, usable_cores};
use server::settings::{MemoryPlan, SettingFlags, Settings};
use store_sim::MemoryDatabase;
use tests::ports::free_address;
use tests::{CLUSTER_SECRET, Client, SECRET};

use crate::way::Way;

/// Shards of the tests' clusters.
pub(crate) const SHARDS: u16 = 16;
/// Long enough that a machine which is busy with other tests takes nobody for dead.
pub(crate) const LEASE_MS: u64 = 3_000;
/// Cores of a node: two, so that letters have to go on over the mesh; fewer where there are fewer.
const CORES: usize = 2;
/// Memory of a node.
const MEMORY_BYTES: u64 = 256 << 20;

/// What a node is, whether it runs or not.
#[derive(Clone)]
pub(crate) struct Spec {
    pub(crate) id: u64,
    pub(crate) listen: SocketAddr,
    pub(crate) cluster_listen: SocketAddr,
    pub(crate) way: Way,
    pub(crate) settings: Vec<(&'static str, String)>,
}

/// A node that runs.
pub(crate) struct Node {
    pub(crate) spec: Spec,
    engine: Option<Engine>,
}

impl Spec {
    /// A node on ports that are free.
    pub(crate) fn new(id: u64) -> Self {
        let cluster_listen = free_address();
        Self {
            id,
            listen: free_address(),
            cluster_listen,
            way: Way::to(cluster_listen),
            settings: Vec::new(),
        }
    }

    /// With another setting.
    pub(crate) fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((key, value.into()));
        self
    }

    fn settings(&self) -> Settings {
        let cores = usable_cores().unwrap().len().min(CORES);
        let mut flags = SettingFlags::default();
        flags.set("listen", self.listen.to_string());
        flags.set("cluster_listen", self.cluster_listen.to_string());
        flags.set("cluster_advertise", self.way.address().to_string());
        flags.set("cluster_secret", CLUSTER_SECRET);
        flags.set("node", self.id.to_string());
        flags.set("lease_ms", LEASE_MS.to_string());
        flags.set("cores", cores.to_string());
        flags.set("shards", SHARDS.to_string());
        flags.set("jwt_secret", SECRET);
        flags.set("stop_timeout_ms", "5000");
        for (key, value) in &self.settings {
            flags.set(key, value);
        }
        Settings::load(&flags, None, &|_| None).unwrap()
    }

    /// Starts it and does not wait for it.
    pub(crate) fn try_start(&self, store: &MemoryDatabase) -> Result<Node, StartError> {
        let engine = Engine::start(&self.settings(), &MemoryPlan::of(MEMORY_BYTES), store)?;
        Ok(Node {
            spec: self.clone(),
            engine: Some(engine),
        })
    }

    /// Starts it and does not wait for it.
    pub(crate) fn start(&self, store: &MemoryDatabase) -> Node {
        self.try_start(store).unwrap()
    }
}

impl Node {
    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.spec.listen
    }

    /// Waits until its cores have opened what falls to them; the error if they can't.
    pub(crate) fn wait_open(&self) -> Result<bool, StartError> {
        self.engine.as_ref().unwrap().wait_ready()
    }

    /// Whether it says that it is ready.
    pub(crate) fn is_ready(&self) -> bool {
        Client::new(self.address()).finds_ready()
    }

    /// Waits until somebody asks it to stop.
    pub(crate) fn wait_stop_requested(&self) {
        self.engine.as_ref().unwrap().wait_stop_requested().unwrap();
    }

    /// Reads its certificates again, as SIGHUP would.
    pub(crate) fn read_certificates(&self) {
        self.engine.as_ref().unwrap().tls_reload().reload();
    }

    /// Stops it as SIGTERM would, and expects that nothing was cut off.
    pub(crate) fn stop(mut self) {
        let report = self.engine.take().unwrap().stop();
        assert!(report.complete && report.unfinished == 0, "{report:?}");
    }

    /// Ends it as SIGKILL would.
    pub(crate) fn crash(mut self) {
        self.engine.take().unwrap().crash();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(engine) = self.engine.take() {
            engine.crash();
        }
    }
}
