//! What stands under a core before its node: timers, bridge, pump, host.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use mesh::Port;
use node::{Message, NodeId};

use super::backend::Backend;
use super::bridge::Bridge;
use super::bridged_store::BridgedStore;
use super::clock;
use super::environment::GlommioEnvironment;
use super::host::{GlommioHost, HostParts};
use super::mesh_inlet::{MeshInlet, SharedPort};
use super::pump::start_pump;
use super::reactor::{BellPull, Reactor, bell};

/// Messages that wait on the way from one core to another; past it the sender sheds load.
const MESSAGES_PER_WAY: usize = 4_096;

/// One core's ways in, made before its thread.
pub(crate) struct WaysIn {
    port: Port<Message>,
    pull: BellPull,
}

/// Connects `cores` cores.
pub(crate) fn connect(cores: usize) -> io::Result<Vec<WaysIn>> {
    let bells = (0..cores).map(|_| bell()).collect::<io::Result<Vec<_>>>()?;
    let (rings, pulls): (Vec<Arc<dyn mesh::Bell>>, Vec<_>) = bells
        .into_iter()
        .map(|(ring, pull)| (Arc::new(ring) as Arc<dyn mesh::Bell>, pull))
        .unzip();
    let ports = mesh::mesh(cores, MESSAGES_PER_WAY, rings);
    Ok(ports
        .into_iter()
        .zip(pulls)
        .map(|(port, pull)| WaysIn { port, pull })
        .collect())
}

/// The base of one core, on its executor.
pub(crate) struct Foundation<B: Backend> {
    pub(crate) host: GlommioHost<B::Store>,
    pub(crate) bridge: Bridge,
    port: SharedPort<Message>,
}

impl<B: Backend> Foundation<B> {
    /// Lays it; call on the running executor.
    pub(crate) fn lay(node: NodeId, backend: &B, ways_in: WaysIn) -> io::Result<Self> {
        Reactor::current()?.attach(&ways_in.pull)?;
        let bridge = Bridge::new(ways_in.port.doorbell());
        let port = Rc::new(RefCell::new(ways_in.port));
        let environment = Rc::new(GlommioEnvironment::new(clock::random()?));
        let host = GlommioHost::new(HostParts {
            node,
            port: Rc::clone(&port),
            store: BridgedStore::new(backend.handle(environment), bridge.clone()),
            random: clock::random()?,
            tasks: glommio::executor().current_task_queue(),
        });
        Ok(Self { host, bridge, port })
    }

    /// Lets in what comes from outside.
    pub(crate) fn open(self, deliver: impl FnMut(Message) + 'static) {
        start_pump(MeshInlet::new(self.port, self.bridge, deliver));
    }
}
