//! What one core runs, from its first task to its last.
//!
//! ```text
//!   open: foundation ─▶ node ─▶ API ─▶ accepting ─▶ shards recovered ─▶ Ready
//!   Drain: accept no more, finish requests ─▶ Drained        (all cores, then)
//!   Stop:  node writes rows, gives up its leases ─▶ Stopped
//! ```
//!
//! Cores drain before any stops, since a request on one may need a shard of another.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::channel::mpsc::UnboundedReceiver;
use node::{Core, OpenError, Place};

use super::api_handler::ApiHandler;
use super::backend::Backend;
use super::executor::{executor, prefer_batches};
use super::foundation::{Foundation, WaysIn};
use super::host::GlommioHost;
use super::timers;
use crate::connection::{Acceptor, ConnectionSettings, Registry};
use crate::http::auth::{KeySetting, Keys};
use crate::http::{Api, ApiSettings};
use crate::wire::{WireAcceptor, WirePorts, WireSettings};

/// How often a draining core looks whether its requests are done.
const DRAIN_POLL: Duration = Duration::from_millis(10);

/// What the engine tells a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// Take no more requests, and finish those under way.
    Drain,
    /// Write rows and end.
    Stop,
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
    /// No request is under way.
    Drained { unfinished: usize },
    /// Nothing is left to do.
    Stopped,
    /// Somebody wants the engine to stop.
    StopRequested,
}

/// All that a core needs to start.
pub(crate) struct CoreSetup<B> {
    pub(crate) cpu: usize,
    pub(crate) place: Place,
    pub(crate) backend: B,
    pub(crate) ways_in: WaysIn,
    pub(crate) listener: std::net::TcpListener,
    pub(crate) wire: Option<WireSetup>,
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
            executor.run(serve(setup))
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

    let keys = Rc::new(Keys::from_settings(&setup.keys).map_err(|error| error.to_string())?);
    let api_settings = Rc::new((setup.api)(setup.place));
    let api = Api::new(host.clone(), core.clone(), api_settings, Rc::clone(&keys));
    let idle_ms = setup.connections.idle_timeout.as_millis() as u64;
    let registry = Registry::new(setup.connections);
    let sweeping = registry.clone();
    glommio::spawn_local(async move { sweeping.sweep().await }).detach();
    let acceptor = Acceptor::new(setup.listener, registry.clone(), ApiHandler::new(api));
    let accepting = glommio::spawn_local(async move { acceptor.run().await });
    let accepting_wire = setup.wire.map(|wire| {
        let settings = WireSettings::new(setup.place, shards, &wire.ports, idle_ms);
        let registry = registry.clone();
        let acceptor =
            WireAcceptor::new(wire.listener, registry, host, core.clone(), keys, settings);
        glommio::spawn_local(async move { acceptor.run().await })
    });
    glommio::spawn_local(open_shards(core.clone(), setup.events.clone())).detach();

    // The engine's thread is foreign to this executor, as the store's are.
    let drain = bridge.carry(setup.controls.next()).await;
    accepting.cancel().await;
    if let Some(accepting) = accepting_wire {
        accepting.cancel().await;
    }
    registry.stop();
    let unfinished = drain_requests(&registry, setup.stop_timeout).await;
    let _ = setup.events.send(Event::Drained { unfinished });
    if drain.is_some() {
        bridge.carry(setup.controls.next()).await;
    }
    core.stop().await;
    Ok(())
}

async fn open_shards<S: store::Store>(core: Core<GlommioHost<S>>, events: mpsc::Sender<Event>) {
    let event = core
        .open()
        .await
        .map_or_else(Event::OpenFailed, |()| Event::Ready);
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
