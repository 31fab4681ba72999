//! The machine under the node: pinned executors, timers, mesh, store.
//!
//! ```text
//!   Engine ── starts, drains, stops ──▶ core threads
//!     each: executor ─▶ foundation (bridge, host, pump, reactor) ─▶ node::Core ─▶ API ─▶ connections
//! ```

mod api_handler;
mod backend;
mod bridge;
mod bridged_store;
mod clock;
mod cluster_plan;
mod core_thread;
mod embedded_figures;
mod engine;
mod environment;
mod executor;
#[cfg(feature = "fdb")]
mod fdb_figures;
mod foundation;
mod host;
mod mesh_inlet;
mod offline;
mod pages;
mod post;
mod preflight;
mod pump;
mod reactor;
mod signals;
pub mod tasks;
pub mod timers;
mod wheel;

pub use backend::{Backend, memory_database};
pub use bridge::Bridge;
pub use bridged_store::{BridgedStore, BridgedTransaction};
pub(crate) use clock::{fill_random, wall};
pub use engine::{Engine, StartError, StopHandle, StopReport, StoreFailed};
pub use host::GlommioHost;
pub use offline::{ClientExecutor, client_executor, run_bridged, run_offline};
pub use preflight::{PreflightError, check_machine, raise_descriptors, usable_cores};
pub(crate) use reactor::Listener;
pub use reactor::Socket;
pub use signals::{EXIT_INTERRUPTED, Signals};
