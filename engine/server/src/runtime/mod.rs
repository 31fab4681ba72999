//! The machine under the node: pinned executors, timers, mesh, store.
//!
//! ```text
//!   Engine ── starts, drains, stops ──▶ core threads
//!     each: executor ─▶ foundation (wheel, bridge, pump, host) ─▶ node::Core ─▶ API ─▶ connections
//! ```

mod api_handler;
mod backend;
mod bell;
mod bridge;
mod bridged_store;
mod clock;
mod core_thread;
mod engine;
mod environment;
mod executor;
mod foundation;
mod host;
mod offline;
mod preflight;
mod pump;
mod signals;
pub mod timers;
mod wheel;

pub use backend::{Backend, memory_database};
pub use bridge::Bridge;
pub use bridged_store::{BridgedStore, BridgedTransaction};
pub(crate) use clock::{fill_random, wall};
pub use engine::{Engine, StartError, StopHandle, StopReport};
pub use host::GlommioHost;
pub use offline::{client_executor, run_bridged, run_offline};
pub use preflight::{PreflightError, check_machine, raise_descriptors, usable_cores};
pub use signals::{EXIT_INTERRUPTED, Signals};
