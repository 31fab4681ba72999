//! One engine process of several.

use std::net::SocketAddr;
use std::path::Path;

use tests::authority::Authority;
use tests::engine::Signal;
use tests::ports::free_address;
use tests::{CLUSTER_SECRET, Client, Engine};

/// What an engine is, whether it runs or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spec {
    id: u64,
    listen: SocketAddr,
    cluster_listen: SocketAddr,
}

/// An engine that runs.
pub(crate) struct Node {
    pub(crate) spec: Spec,
    engine: Engine,
}

impl Spec {
    /// On ports that are free.
    pub(crate) fn new(id: u64) -> Self {
        Self {
            id,
            listen: free_address(),
            cluster_listen: free_address(),
        }
    }

    /// Starts it, with a certificate for its links, and does not wait for it.
    pub(crate) fn start(self, store: &Path, authority: &Authority) -> Node {
        let (id, cluster_listen) = (self.id.to_string(), self.cluster_listen.to_string());
        let links = authority.sign_links(&id);
        let mut settings = vec![
            ("node", id.as_str()),
            ("cluster_listen", &cluster_listen),
            ("cluster_secret", CLUSTER_SECRET),
            ("cores", "1"),
        ];
        settings.extend(links.iter().map(|(key, value)| (*key, value.as_str())));
        Node {
            spec: self,
            engine: Engine::spawn_at(self.listen, store, &settings),
        }
    }
}

impl Node {
    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.spec.listen
    }

    /// Whether it says that it is ready.
    pub(crate) fn is_ready(&self) -> bool {
        Client::new(self.address()).finds_ready()
    }

    /// A counter of its metrics, summed over its labels.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        Client::new(self.address()).metric(name)
    }

    /// SIGTERM; it ends well.
    pub(crate) fn stop(self) {
        let status = self.engine.stop();
        assert_eq!(status.code(), Some(0));
    }

    /// SIGKILL.
    pub(crate) fn kill(self) {
        self.engine.kill();
    }

    /// SIGSTOP: it stands still, and knows nothing of it.
    pub(crate) fn freeze(&self) {
        self.engine.signal(Signal::Stop);
    }

    /// SIGCONT.
    pub(crate) fn thaw(&self) {
        self.engine.signal(Signal::Continue);
    }
}
