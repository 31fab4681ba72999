//! What a core of a node stands on in production: the runtime's tasks, the machine's clocks, the mesh, the store.

use std::cell::{OnceCell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use glommio::TaskQueueHandle;
use hunt::Millis;
use node::{CoreAddress, Host, Message, NodeId, SendRefused, View};
use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;
use store::Store;

use super::bridged_store::BridgedStore;
use super::clock;
use super::mesh_inlet::SharedPort;
use super::{tasks, timers};
use crate::cluster::Links;

/// One core's host. Cheap to clone.
pub struct GlommioHost<S>(Rc<Inner<S>>);

struct Inner<S> {
    node: NodeId,
    core: usize,
    port: SharedPort<Message>,
    store: BridgedStore<S>,
    random: RefCell<Xoshiro256PlusPlus>,
    /// Where tasks of the node run, whatever queue they are started from.
    tasks: TaskQueueHandle,
    /// The ways to other nodes, in a cluster.
    links: OnceCell<Links>,
}

/// What a host is made of.
pub(crate) struct HostParts<S> {
    pub(crate) node: NodeId,
    pub(crate) port: SharedPort<Message>,
    pub(crate) store: BridgedStore<S>,
    pub(crate) random: Xoshiro256PlusPlus,
    pub(crate) tasks: TaskQueueHandle,
}

impl<S: Store> GlommioHost<S> {
    pub(crate) fn new(parts: HostParts<S>) -> Self {
        let core = parts.port.borrow().core();
        Self(Rc::new(Inner {
            node: parts.node,
            core,
            port: parts.port,
            store: parts.store,
            random: RefCell::new(parts.random),
            tasks: parts.tasks,
            links: OnceCell::new(),
        }))
    }

    /// From now on messages to other nodes go over `links`.
    pub(crate) fn link_up(&self, links: Links) {
        let first = self.0.links.set(links);
        assert!(first.is_ok(), "a host is linked up once");
    }
}

impl<S> Clone for GlommioHost<S> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<S: Store> Host for GlommioHost<S> {
    type Store = BridgedStore<S>;

    fn monotonic(&self) -> Duration {
        clock::monotonic()
    }

    fn wall(&self) -> Millis {
        clock::wall()
    }

    fn random(&self) -> u64 {
        self.0.random.borrow_mut().next_u64()
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + 'static {
        timers::sleep(duration)
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        tasks::spawn_into(task, self.0.tasks).detach();
    }

    fn send(&self, to: CoreAddress, message: Message) -> Result<(), SendRefused> {
        if to.node != self.0.node {
            return match self.0.links.get() {
                Some(links) => links.send(to, message),
                None => Err(SendRefused::NoWay(Box::new(message))),
            };
        }
        let mut port = self.0.port.borrow_mut();
        let to_core = usize::from(to.core);
        // No core sends to itself: it is a stale address, and nobody is there.
        if to_core == self.0.core || to_core >= port.cores() {
            return Err(SendRefused::NoWay(Box::new(message)));
        }
        port.send(to_core, message)
            .map_err(|error| SendRefused::Full(Box::new(error.into_inner())))
    }

    fn meet(&self, view: &Arc<View>) {
        if let Some(links) = self.0.links.get() {
            links.meet(view);
        }
    }

    fn store(&self) -> &Self::Store {
        &self.0.store
    }
}
