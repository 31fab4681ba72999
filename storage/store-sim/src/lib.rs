//! FoundationDB's model in memory: every version within the window, one resolver, watches.
//!
//! ```text
//!   core A: SimStore ─┐
//!   core B: SimStore ─┴─▶ MemoryDatabase (one mutex): versions, history, resolver, watches
//! ```
//!
//! Nothing is kept past the process. Everything that happens is decided by the calls and by
//! [`store::Environment`]: no thread, clock or dice of its own, so a simulation can repeat it.

mod backend;
mod database;
mod history;
mod watches;

pub use backend::{SimBackend, SimSnapshot};
pub use database::{MemoryDatabase, SimStore};
