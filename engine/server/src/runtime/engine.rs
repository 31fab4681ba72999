//! The whole engine: one thread per core, started and stopped together.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use futures::channel::mpsc::{UnboundedSender, unbounded};
use node::{OpenError, Place};

use super::backend::Backend;
use super::cluster_plan::{ALONE, ClusterPlan};
use super::core_thread::{Control, CoreSetup, Event, WireSetup, run_core};
use super::foundation::connect;
use super::pages::prefer_small_pages;
use super::preflight::{self, PreflightError};
use crate::connection::{ConnectionSettings, ListenError, bind_each_core, bind_own_ports};
use crate::http::auth::{KeyError, Keys};
use crate::http::{ApiSettings, ClusterCalls, Meters, StopRequest};
use crate::settings::{ApiLimits, CoresError, MemoryPlan, Settings};
use crate::tls::{LinkTls, ServerTls, TlsError, TlsReload};
use crate::wire::WirePorts;

/// Bytes of batches that a core keeps at most, however much memory there is: the last second of a core that takes 35,000 claims/s.
/// Who reads the feed further behind reads the store, as fast; and memory that is used again costs less than fresh memory.
const TAIL_BYTES_MAX: u64 = 8 << 20;

/// What a core is given beyond the requests' time to end: rows have to be written.
const STOP_GRACE: Duration = Duration::from_secs(20);

/// How often the store is asked whether it still takes commits.
const FAULT_LOOK: Duration = Duration::from_millis(200);

/// Why the engine does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The machine does not allow it.
    #[error(transparent)]
    Machine(#[from] PreflightError),
    /// The cores that were asked for are not there.
    #[error(transparent)]
    Cores(#[from] CoresError),
    /// There is none.
    #[error("there is no core to run on")]
    NoCores,
    /// The port, mostly.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The keys of tokens.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The certificates.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The ways between cores.
    #[error("can't connect the cores: {0}; check `ulimit -n` (open files)")]
    Connect(io::Error),
    /// A core's executor.
    #[error("core {core} does not start: {detail}")]
    Executor {
        /// Which.
        core: usize,
        /// Why.
        detail: String,
    },
    /// The store's content.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store, while its content was being opened.
    #[error(transparent)]
    Store(#[from] StoreFailed),
}

/// The store takes no commits any more, so the engine has to end: a new start finds out what is on the disk.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0}; nothing that was acknowledged is lost: see to the disk (room, errors in the kernel's log), then start again"
)]
pub struct StoreFailed(String);

/// How the engine ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopReport {
    /// Requests that were cut off.
    pub unfinished: usize,
    /// Every core ended by itself.
    pub complete: bool,
}

/// A running engine. Dropping it does not stop it: [`Engine::stop`] does.
pub struct Engine {
    address: SocketAddr,
    wire_ports: WirePorts,
    cpus: Vec<usize>,
    connections_max: usize,
    tls: TlsReload,
    is_clustered: bool,
    stop_timeout: Duration,
    controls: Vec<UnboundedSender<Control>>,
    events: mpsc::Receiver<Event>,
    sender: mpsc::Sender<Event>,
    /// Asks the store why it takes no commits.
    store_fault: Box<dyn Fn() -> Option<String>>,
    threads: Vec<JoinHandle<()>>,
}

/// Asks an engine to stop, from any thread.
#[derive(Clone, Debug)]
pub struct StopHandle(mpsc::Sender<Event>);

impl StopHandle {
    /// Asks it; what happens then is up to who runs the engine.
    pub fn request(&self) {
        // The engine is gone: so it has stopped.
        let _ = self.0.send(Event::StopRequested);
    }
}

impl Engine {
    /// Starts all cores over the store. They listen at once, and are ready when their shards are open.
    pub fn start<B: Backend>(
        settings: &Settings,
        plan: &MemoryPlan,
        backend: &B,
    ) -> Result<Self, StartError> {
        preflight::check_machine()?;
        prefer_small_pages();
        let descriptors = preflight::raise_descriptors();
        Keys::from_settings(&settings.keys)?;
        let cpus = settings.cores.choose(&preflight::usable_cores()?)?;
        if cpus.is_empty() {
            return Err(StartError::NoCores);
        }
        let cores = cpus.len();
        let connections_max = settings
            .connections
            .connections_max
            .min(plan.connections_per_core(cores))
            .min((descriptors as usize / cores).max(1));
        let tls = load_tls(settings)?;
        let (address, listeners) = bind_each_core(settings.listen, cores)?;
        let (wire_ports, wires) = bind_wires(settings.wire_listen, cores)?;
        let mut cluster = settings
            .cluster
            .as_ref()
            .map(|setting| ClusterPlan::prepare(setting, tls.links.clone(), cores))
            .transpose()?;
        let node = cluster.as_ref().map_or(ALONE, |cluster| cluster.node);
        let ways_in = connect(cores).map_err(StartError::Connect)?;
        let (sender, events) = mpsc::channel();
        let mut engine = Self {
            address,
            wire_ports,
            cpus: cpus.clone(),
            connections_max,
            tls: tls.clone(),
            is_clustered: cluster.is_some(),
            stop_timeout: settings.stop_timeout,
            controls: Vec::with_capacity(cores),
            events,
            sender,
            store_fault: {
                let backend = backend.clone();
                Box::new(move || backend.fault())
            },
            threads: Vec::with_capacity(cores),
        };
        let calls = cluster.as_ref().map(|cluster| {
            let stop = engine.stop_handle();
            ClusterCalls {
                board: cluster.board(),
                stop: StopRequest::new(move || stop.request()),
            }
        });
        let api = api_settings(settings.api, backend, calls);
        let machines = cpus.into_iter().zip(listeners).zip(wires).zip(ways_in);
        for (core, (((cpu, listener), wire), ways_in)) in machines.enumerate() {
            let (control, controls) = unbounded();
            engine.controls.push(control);
            engine.spawn(CoreSetup {
                cpu,
                place: Place {
                    node,
                    core: core as u16,
                    cores: cores as u16,
                },
                backend: backend.clone(),
                ways_in,
                listener,
                wire: wire.map(|listener| WireSetup {
                    listener,
                    ports: engine.wire_ports.clone(),
                }),
                tls: tls.http.clone(),
                links: cluster.as_mut().and_then(ClusterPlan::next_core),
                node: node::Settings {
                    cluster: cluster.as_ref().map(|cluster| cluster.settings.clone()),
                    ..node_settings(&settings.node, plan, cores)
                },
                connections: ConnectionSettings {
                    connections_max,
                    ..settings.connections.clone()
                },
                api: Arc::clone(&api),
                keys: settings.keys.clone(),
                stop_timeout: settings.stop_timeout,
                controls,
                events: engine.sender.clone(),
            })?;
        }
        Ok(engine)
    }

    fn spawn<B: Backend>(&mut self, setup: CoreSetup<B>) -> Result<(), StartError> {
        let core = usize::from(setup.place.core);
        let body = move || {
            if std::panic::catch_unwind(AssertUnwindSafe(|| run_core(setup))).is_err() {
                // A core's state may be half changed: only its log is the truth, and a restart reads that.
                tracing::error!(core, "a defect ended a core; ending the process");
                std::process::abort();
            }
        };
        let thread = std::thread::Builder::new()
            .name(format!("hunt-core-{core}"))
            .spawn(body);
        self.threads
            .push(thread.map_err(|error| StartError::Executor {
                core,
                detail: error.to_string(),
            })?);
        Ok(())
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where each core speaks the binary protocol; empty if it is off.
    pub fn wire_addresses(&self) -> &[SocketAddr] {
        &self.wire_ports.0
    }

    /// The cores that it is pinned to.
    pub fn cpus(&self) -> &[usize] {
        &self.cpus
    }

    /// Connections that each core takes.
    pub fn connections_per_core_max(&self) -> usize {
        self.connections_max
    }

    /// For whoever may want it to stop.
    pub fn stop_handle(&self) -> StopHandle {
        StopHandle(self.sender.clone())
    }

    /// Reads certificates again, from any thread.
    pub fn tls_reload(&self) -> TlsReload {
        self.tls.clone()
    }

    /// Waits until all shards are open: true; or until it is asked to stop: false.
    pub fn wait_ready(&self) -> Result<bool, StartError> {
        let mut ready = 0;
        while ready < self.threads.len() {
            match self.next_event() {
                Event::Ready => ready += 1,
                Event::OpenFailed(error) => return Err(error.into()),
                Event::StartFailed { core, detail } => {
                    return Err(StartError::Executor { core, detail });
                }
                Event::StopRequested => return Ok(false),
                Event::StoreFailed(detail) => return Err(StoreFailed(detail).into()),
                Event::HandedOver | Event::Drained { .. } | Event::Closed | Event::Stopped => {}
            }
        }
        Ok(true)
    }

    /// Waits until it is asked to stop, or has to because its store failed.
    pub fn wait_stop_requested(&self) -> Result<(), StoreFailed> {
        loop {
            match self.next_event() {
                Event::StopRequested => return Ok(()),
                Event::StoreFailed(detail) => return Err(StoreFailed(detail)),
                _ => {}
            }
        }
    }

    /// Finishes requests, writes rows, ends all cores.
    pub fn stop(self) -> StopReport {
        let cores = self.threads.len();
        let limit = self.stop_timeout + STOP_GRACE;
        let mut report = StopReport {
            unfinished: 0,
            complete: true,
        };
        if self.is_clustered {
            // Before requests are turned away: no client notices that the shards move.
            self.tell(Control::HandOver);
            self.collect(cores, limit, |event| matches!(event, Event::HandedOver));
        }
        self.tell(Control::Drain);
        report.complete &= self.collect(cores, limit, |event| match event {
            Event::Drained { unfinished } => {
                report.unfinished += unfinished;
                true
            }
            _ => false,
        });
        self.tell(Control::Stop);
        let closed = self.collect(cores, limit, |event| {
            matches!(event, Event::Closed | Event::StartFailed { .. })
        });
        // The node does not sign off while a core may still hold a shard: its silence tells the others then.
        report.complete &= closed && self.end(limit);
        report
    }

    /// Ends the cores, none of which has anything left to do; says whether all have ended.
    fn end(self, limit: Duration) -> bool {
        self.tell(Control::End);
        let stopped = self.collect(self.threads.len(), limit, |event| {
            matches!(event, Event::Stopped | Event::StartFailed { .. })
        });
        stopped && self.threads.into_iter().all(|thread| thread.join().is_ok())
    }

    /// Ends all cores at once and in no order, as if the process were killed: for tests of several nodes in one process.
    pub fn crash(self) {
        self.tell(Control::Crash);
        for thread in self.threads {
            // A core that panicked on its way out is as dead as the others.
            let _ = thread.join();
        }
    }

    fn tell(&self, control: Control) {
        for core in &self.controls {
            // A core that is gone has nothing to finish.
            let _ = core.unbounded_send(control);
        }
    }

    fn collect(
        &self,
        mut missing: usize,
        limit: Duration,
        mut counts: impl FnMut(Event) -> bool,
    ) -> bool {
        while missing > 0 {
            match self.events.recv_timeout(limit) {
                Ok(event) => missing -= usize::from(counts(event)),
                Err(_) => return false,
            }
        }
        true
    }

    fn next_event(&self) -> Event {
        loop {
            // Cores learn of a failed store too, but each only that its shards can't be served now.
            match self.events.recv_timeout(FAULT_LOOK) {
                Ok(event) => return event,
                Err(_) => {
                    if let Some(detail) = (self.store_fault)() {
                        return Event::StoreFailed(detail);
                    }
                }
            }
        }
    }
}

/// All certificates of the settings.
fn load_tls(settings: &Settings) -> Result<TlsReload, TlsError> {
    let http = settings.tls.as_ref().map(ServerTls::load).transpose()?;
    let links = settings
        .cluster
        .as_ref()
        .and_then(|cluster| cluster.tls.as_ref());
    let links = links.map(LinkTls::load).transpose()?;
    Ok(TlsReload {
        http: http.map(Arc::new),
        links: links.map(Arc::new),
    })
}

/// A listener for each core, if the binary protocol is on.
fn bind_wires(
    listen: Option<SocketAddr>,
    cores: usize,
) -> Result<(WirePorts, Vec<Option<TcpListener>>), ListenError> {
    let Some(address) = listen else {
        let off = std::iter::repeat_with(|| None).take(cores).collect();
        return Ok((WirePorts(Vec::new()), off));
    };
    let (ports, listeners): (Vec<_>, Vec<_>) = bind_own_ports(address, cores)?
        .into_iter()
        .map(|(address, listener)| (address, Some(listener)))
        .unzip();
    Ok((WirePorts(ports), listeners))
}

fn node_settings(settings: &node::Settings, plan: &MemoryPlan, cores: usize) -> node::Settings {
    node::Settings {
        memory_bytes: plan.rows / cores as u64,
        tail_bytes: (plan.tails / cores as u64).min(TAIL_BYTES_MAX) as usize,
        ..settings.clone()
    }
}

fn api_settings(
    limits: ApiLimits,
    backend: &impl Backend,
    cluster: Option<ClusterCalls>,
) -> Arc<dyn Fn(Place) -> ApiSettings + Send + Sync> {
    let meters = Arc::new(Meters::over(backend.figures()));
    Arc::new(move |place| ApiSettings {
        node: place.node,
        cluster: cluster.clone(),
        core: place.core,
        meters: Arc::clone(&meters),
        body_bytes_max: limits.body_bytes_max,
        batch_bytes_max: limits.batch_bytes_max,
        body_timeout: limits.body_timeout,
        request_timeout: limits.request_timeout,
        requests_in_flight_max: limits.requests_per_core_max,
        player_requests_per_s: limits.player_requests_per_s,
        feed_wait_max: limits.feed_wait_max,
        sse_streams_max: limits.sse_streams_per_core_max,
        ..ApiSettings::default()
    })
}
