//! The machine under the node: pinned executors, timers, mesh, store.

mod bell;
mod bridge;
mod bridged_store;
mod clock;
mod environment;
mod host;
mod pump;
pub mod timers;
mod wheel;

pub use bridged_store::{BridgedStore, BridgedTransaction};
pub use host::GlommioHost;
