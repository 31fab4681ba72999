//! What one core runs, from its first task to its last.
//!
//! ```text
//!   open: foundation ─▶ node ─▶ links ─▶ API ─▶ accepting ─▶ shards recovered ─▶ Ready
//!   HandOver: in a cluster, shards go to the other nodes ─▶ HandedOver
//!   Drain:    accept no more, finish requests ─▶ Drained        (all cores, then)
//!   Stop:     node writes rows, gives up its leases ─▶ Closed   (all cores, then)
//!   End:      the node signs off ─▶ Stopped
//! ```
//!
//! Cores drain before any stops, since a request on one may need a shard of another; and the node signs off only when no
//! core holds a shard any more.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::channel::mpsc::UnboundedReceiver;
use node::{Core, CoreAddress, OpenError, Place};

use super::api_handler::ApiHandler;
use super::backend::Backend;
use super::bridge::Bridge;
use super::clock;
use super::cluster_plan::LinkSetup;
use super::executor::{executor, prefer_batches};
use super::foundation::{Foundation, WaysIn};
use super::host::GlommioHost;
use super::post::CorePost;
use super::tasks::{self, Counted};
use super::timers;
use crate::cluster::{Identity, LinkListener, LinkParts, Links};
use crate::connection::{Acceptor, ConnectionSettings, Registry};
use crate::http::auth::{KeySetting, Keys};
use crate::http::{Api, ApiSettings};
use crate::tls::ServerTls;
use crate::wire::{WireAcceptor, WirePorts, WireSettings};

/// How often a core of a cluster looks whether its shards are open.
const READY_POLL: Duration = Duration::from_millis(10);
/// How often a draining core looks whether its requests are done.
const DRAIN_POLL: Duration = Duration::from_millis(10);

/// How long shards may take to go to other nodes; what is left is given up when the core stops.
const HAND_OVER_MAX: Duration = Duration::from_secs(10);

/// What the engine tells a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// Hand all shards over to the other nodes, and serve on meanwhile.
    HandOver,
    /// Take no more requests, and finish those under way.
    Drain,
    /// Write rows and give the shards up.
    Stop,
    /// End.
    End,
    /// End at once and in no order, as if the process were killed.
    Crash,
}

/// What a core tells the engine.
#[derive(Debug)]
pub(crate) enum Event {
    /// The core's shards are open.
    Ready,
    /// They can't be opened.
    OpenFailed(OpenError),
    /// The core itself can't be started.
    StartFailed { core: usize, detail: String },
    /// The core has no shard any more, or nobody takes them.
    HandedOver,
    /// No request is under way.
    Drained { unfinished: usize },
    /// The core's shards are given up.
    Closed,
    /// Nothing is left to do.
    Stopped,
    /// Somebody wants the engine to stop.
    StopRequested,
    /// The store takes no commits any more.
    StoreFailed(String),
}

/// All that a core needs to start.
pub(crate) struct CoreSetup<B> {
    pub(crate) cpu: usize,
    pub(crate) place: Place,
    pub(crate) backend: B,
    pub(crate) ways_in: WaysIn,
    pub(crate) listener: std::net::TcpListener,
    pub(crate) wire: Option<WireSetup>,
    pub(crate) links: Option<LinkSetup>,
    pub(crate) tls: Option<Arc<ServerTls>>,
    pub(crate) node: node::Settings,
    pub(crate) connections: ConnectionSettings,
    pub(crate) api: Arc<dyn Fn(Place) -> ApiSettings + Send + Sync>,
    pub(crate) keys: Vec<KeySetting>,
    pub(crate) stop_timeout: Duration,
    pub(crate) controls: UnboundedReceiver<Control>,
    pub(crate) events: mpsc::Sender<Event>,
}

/// What the binary protocol needs on one core.
pub(crate) struct WireSetup {
    pub(crate) listener: std::net::TcpListener,
    pub(crate) ports: WirePorts,
}

/// Runs a core on this thread until it is told to stop.
pub(crate) fn run_core<B: Backend>(setup: CoreSetup<B>) {
    let events = setup.events.clone();
    let core = usize::from(setup.place.core);
    let ended = match executor(Some(setup.cpu)) {
        Ok(executor) => {
            prefer_batches();
            executor.run(Counted::new(serve(setup)))
        }
        Err(detail) => Err(detail),
    };
    let event = ended.map_or_else(
        |detail| Event::StartFailed { core, detail },
        |()| Event::Stopped,
    );
    // Nobody listens any more only if the engine gave up on its cores.
    let _ = events.send(event);
}

async fn serve<B: Backend>(mut setup: CoreSetup<B>) -> Result<(), String> {
    let foundation = Foundation::lay(setup.place.node, &setup.backend, setup.ways_in)
        .map_err(|error| error.to_string())?;
    let (host, bridge) = (foundation.host.clone(), foundation.bridge.clone());
    let shards = setup.node.shards;
    let core = Core::new(host.clone(), setup.node, setup.place);
    let delivered = core.clone();
    foundation.open(move |message| delivered.deliver(message));
    let links = setup
        .links
        .map(|links| link_up(links, &host, &core, &bridge, setup.place, shards))
        .transpose()
        .map_err(|error| error.to_string())?;

    let keys = Rc::new(Keys::from_settings(&setup.keys).map_err(|error| error.to_string())?);
    let api_settings = Rc::new((setup.api)(setup.place));
    let api = Api::new(host.clone(), core.clone(), api_settings, Rc::clone(&keys));
    let idle_ms = setup.connections.idle_timeout.as_millis() as u64;
    let registry = Registry::new(setup.connections);
    let sweeping = registry.clone();
    tasks::spawn(async move { sweeping.sweep().await }).detach();
    let acceptor = Acceptor::new(setup.listener, registry.clone(), ApiHandler::new(api))
        .map_err(|error| error.to_string())?
        .with_tls(setup.tls);
    let accepting = tasks::spawn(async move { acceptor.run().await });
    let accepting_wire = setup.wire.map(|wire| {
        let settings = WireSettings::new(setup.place, shards, &wire.ports, idle_ms);
        let registry = registry.clone();
        WireAcceptor::new(wire.listener, registry, host, core.clone(), keys, settings)
            .map(|acceptor| tasks::spawn(async move { acceptor.run().await }))
    });
    let accepting_wire = accepting_wire
        .transpose()
        .map_err(|error| error.to_string())?;
    tasks::spawn(open_shards(core.clone(), setup.events.clone())).detach();

    let mut accepting = Some((accepting, accepting_wire));
    // The engine's thread is foreign to this executor, as the store's are.
    while let Some(control) = bridge.carry(setup.controls.next()).await {
        let done = match control {
            Control::HandOver => {
                hand_over(&core).await;
                Event::HandedOver
            }
            Control::Drain => {
                if let Some((http, wire)) = accepting.take() {
                    http.cancel().await;
                    if let Some(wire) = wire {
                        wire.cancel().await;
                    }
                }
                registry.stop();
                let unfinished = drain_requests(&registry, setup.stop_timeout).await;
                Event::Drained { unfinished }
            }
            Control::Stop => {
                core.stop().await;
                Event::Closed
            }
            Control::End => {
                core.leave().await;
                if let Some((links, listener)) = links {
                    listener.cancel().await;
                    links.close().await;
                }
                return Ok(());
            }
            Control::Crash => return Ok(()),
        };
        let _ = setup.events.send(done);
    }
    // The engine is gone without a word: what it would have asked for is done.
    core.stop().await;
    Ok(())
}

/// Links this core up with other nodes: the links, and the task that takes the others' calls.
fn link_up<S: store::Store>(
    setup: LinkSetup,
    host: &GlommioHost<S>,
    core: &Core<GlommioHost<S>>,
    bridge: &Bridge,
    place: Place,
    shards: u16,
) -> std::io::Result<(Links, glommio::Task<()>)> {
    let post = CorePost {
        host: host.clone(),
        core: core.clone(),
        here: CoreAddress {
            node: place.node,
            core: place.core,
        },
    };
    let links = Links::new(LinkParts {
        identity: Identity {
            node: place.node,
            core: place.core,
            shards,
        },
        secret: setup.secret,
        bridge: bridge.clone(),
        post: Rc::new(post),
        board: setup.board,
        tls: setup.tls,
        random: clock::random()?,
    });
    host.link_up(links.clone());
    let listener = LinkListener::new(setup.listener, links.clone())?;
    let taking = tasks::spawn(async move { listener.run().await });
    Ok((links, taking))
}

/// Hands this core's shards over, as far as there is somebody to take them and time for it.
async fn hand_over<S: store::Store>(core: &Core<GlommioHost<S>>) {
    if let Err(refused) = core.drain().await {
        tracing::debug!(%refused, "no shard is handed over");
        return;
    }
    let deadline = Instant::now() + HAND_OVER_MAX;
    while !(core.is_leaving() && core.is_empty()) && Instant::now() < deadline {
        timers::sleep(DRAIN_POLL).await;
    }
}

async fn open_shards<S: store::Store>(core: Core<GlommioHost<S>>, events: mpsc::Sender<Event>) {
    let event = match core.open().await {
        Ok(()) => {
            // A node that is alone is ready by now; one of a cluster opens what falls to it.
            while !core.is_ready() {
                timers::sleep(READY_POLL).await;
            }
            Event::Ready
        }
        Err(error) => Event::OpenFailed(error),
    };
    let _ = events.send(event);
}

/// Waits until no connection is left; returns how many requests were not finished in time.
async fn drain_requests(registry: &Registry, limit: Duration) -> usize {
    let deadline = Instant::now() + limit;
    while registry.counts().open > 0 && Instant::now() < deadline {
        timers::sleep(DRAIN_POLL).await;
    }
    registry.requests()
}
