//! Counters of the HTTP layer. Each core writes its own, without locked instructions; whichever core is asked for
//! `/metrics` reads those of all, which may be a moment old.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::StatusCode;
use node::{CoreId, HISTOGRAM_BUCKETS, Histogram};

use super::store_figures::{StoreFigure, StoreFigures};
use crate::http::endpoint::Endpoint;

/// The counters of all cores of a node.
#[derive(Default)]
pub struct Meters {
    cores: Mutex<Vec<Arc<CoreMeters>>>,
    store: Option<StoreFigures>,
}

impl fmt::Debug for Meters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meters")
            .field("cores", &self.cores)
            .finish_non_exhaustive()
    }
}

impl Meters {
    /// Beside what this store says of itself.
    pub fn over(store: StoreFigures) -> Self {
        Self {
            store: Some(store),
            ..Self::default()
        }
    }

    /// What the store says of itself.
    pub(super) fn store(&self) -> Vec<StoreFigure> {
        self.store.as_ref().map(|store| store()).unwrap_or_default()
    }

    /// Counters for one more core.
    pub fn register(&self, core: CoreId) -> Arc<CoreMeters> {
        let meters = Arc::new(CoreMeters::new(core));
        self.cores
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(meters.clone());
        meters
    }

    /// The counters of all cores.
    pub fn all(&self) -> Vec<Arc<CoreMeters>> {
        let mut all = self
            .cores
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        all.sort_by_key(|meters| meters.core);
        all
    }
}

/// Statuses that are counted by themselves; any other is counted as the last.
pub const STATUSES: [u16; 16] = [
    200, 201, 400, 401, 403, 404, 405, 408, 409, 413, 422, 429, 500, 503, 431, 0,
];

/// Calls, and one more for paths that are none.
const ENDPOINTS: usize = Endpoint::ALL.len() + 1;

/// The counters of one core; only this core writes them.
#[derive(Debug)]
pub struct CoreMeters {
    core: CoreId,
    responses: [[AtomicU64; STATUSES.len()]; ENDPOINTS],
    latency_us: [AtomicU64; HISTOGRAM_BUCKETS],
    latency_us_sum: AtomicU64,
    in_flight: AtomicU64,
    streams: AtomicU64,
    connections: AtomicU64,
    connections_taken: AtomicU64,
    panics: AtomicU64,
}

impl CoreMeters {
    fn new(core: CoreId) -> Self {
        Self {
            core,
            responses: std::array::from_fn(|_| std::array::from_fn(|_| AtomicU64::new(0))),
            latency_us: std::array::from_fn(|_| AtomicU64::new(0)),
            latency_us_sum: AtomicU64::new(0),
            in_flight: AtomicU64::new(0),
            streams: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            connections_taken: AtomicU64::new(0),
            panics: AtomicU64::new(0),
        }
    }

    /// Which core.
    pub fn core(&self) -> CoreId {
        self.core
    }

    /// A connection was taken.
    pub fn connection_opened(&self) {
        add(&self.connections, 1);
        add(&self.connections_taken, 1);
    }

    /// A connection ended.
    pub fn connection_closed(&self) {
        subtract(&self.connections);
    }

    pub(in crate::http) fn answered(
        &self,
        endpoint: Option<Endpoint>,
        status: StatusCode,
        took: Duration,
    ) {
        let endpoint = endpoint.map_or(ENDPOINTS - 1, |endpoint| endpoint as usize);
        let status = STATUSES
            .iter()
            .position(|known| *known == status.as_u16())
            .unwrap_or(STATUSES.len() - 1);
        add(&self.responses[endpoint][status], 1);
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = (u64::BITS - us.leading_zeros()) as usize;
        add(&self.latency_us[bucket.min(HISTOGRAM_BUCKETS - 1)], 1);
        add(&self.latency_us_sum, us);
    }

    pub(in crate::http) fn panicked(&self) {
        add(&self.panics, 1);
    }

    pub(in crate::http) fn request_started(&self) {
        add(&self.in_flight, 1);
    }

    pub(in crate::http) fn request_ended(&self) {
        subtract(&self.in_flight);
    }

    pub(in crate::http) fn stream_started(&self) {
        add(&self.streams, 1);
    }

    pub(in crate::http) fn stream_ended(&self) {
        subtract(&self.streams);
    }

    /// Requests under way.
    pub fn in_flight(&self) -> u64 {
        self.in_flight.load(Relaxed)
    }

    /// Event streams that are open.
    pub fn streams(&self) -> u64 {
        self.streams.load(Relaxed)
    }

    /// Connections that are open.
    pub fn connections(&self) -> u64 {
        self.connections.load(Relaxed)
    }

    /// Connections taken since the start.
    pub fn connections_taken(&self) -> u64 {
        self.connections_taken.load(Relaxed)
    }

    /// Requests that met a defect and were answered with 500.
    pub fn panics(&self) -> u64 {
        self.panics.load(Relaxed)
    }

    /// Answers by call and status; only those that were given. `None` is a path that is no call.
    pub fn responses(&self) -> impl Iterator<Item = (Option<Endpoint>, u16, u64)> {
        self.responses
            .iter()
            .enumerate()
            .flat_map(|(endpoint, by_status)| {
                let counts = by_status
                    .iter()
                    .zip(STATUSES)
                    .map(|(count, status)| (status, count.load(Relaxed)));
                let given = counts.filter(|(_, count)| *count > 0);
                given.map(move |(status, count)| {
                    (Endpoint::ALL.get(endpoint).copied(), status, count)
                })
            })
    }

    /// Microseconds from a request's head to its answer.
    pub fn latency_us(&self) -> Histogram {
        let buckets = self
            .latency_us
            .each_ref()
            .map(|bucket| bucket.load(Relaxed));
        Histogram {
            buckets,
            sum: self.latency_us_sum.load(Relaxed),
            count: buckets.iter().sum(),
        }
    }
}

/// Load and store, not a locked addition: there is one writer.
fn add(counter: &AtomicU64, more: u64) {
    counter.store(counter.load(Relaxed).wrapping_add(more), Relaxed);
}

fn subtract(counter: &AtomicU64) {
    counter.store(counter.load(Relaxed).saturating_sub(1), Relaxed);
}
