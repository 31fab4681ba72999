//! What a core of a node stands on in production: the runtime's tasks, the machine's clocks, the mesh, the store.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use glommio::TaskQueueHandle;
use hunt::Millis;
use node::{CoreAddress, Host, Message, NodeId, SendRefused};
use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;
use store::Store;

use super::bridged_store::BridgedStore;
use super::clock;
use super::pump::SharedPort;
use super::timers;

/// Sleeps shorter than this are exact; longer ones may be a tick late, and cost less.
const EXACT_SLEEP_MAX: Duration = Duration::from_millis(50);

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
        }))
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

    #[allow(clippy::manual_async_fn, reason = "an async fn would borrow the host")]
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + 'static {
        async move {
            if duration <= EXACT_SLEEP_MAX {
                glommio::timer::sleep(duration).await;
            } else {
                timers::sleep(duration).await;
            }
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        glommio::spawn_local_into(task, self.0.tasks)
            .expect("the queue lives as long as its executor")
            .detach();
    }

    fn send(&self, to: CoreAddress, message: Message) -> Result<(), SendRefused> {
        let mut port = self.0.port.borrow_mut();
        let to_core = usize::from(to.core);
        // There is one node and no core sends to itself: either is a stale address, and nobody is there.
        if to.node != self.0.node || to_core == self.0.core || to_core >= port.cores() {
            return Err(SendRefused(Box::new(message)));
        }
        port.send(to_core, message)
            .map_err(|error| SendRefused(Box::new(error.into_inner())))
    }

    fn store(&self) -> &Self::Store {
        &self.0.store
    }
}
