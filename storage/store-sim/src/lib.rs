//! FoundationDB's model in memory, faithful or as it lies: every version within the window, one resolver,
//! watches, and every error and order of events that FoundationDB can bring about.
//!
//! ```text
//!   core A: SimStore ─▶ Link: fates, latency ─▶┐
//!   core B: SimStore ─▶ Link: fates, latency ─▶┴ MemoryDatabase (one mutex): commits in flight,
//!   core C: SimStore ──(no link: faithful)─────▶  outages, versions, history, resolver, watches
//! ```
//!
//! Nothing is kept past the process. Everything that happens is decided by the calls, by [`Fates`] and by
//! [`store::Environment`]: no thread, clock or dice of its own, so a simulation can repeat it.
//!
//! A commit that was sent is the database's: it is resolved when its time has come, though its client
//! timed out, gave up or was killed. Whoever simulates moves that time by [`MemoryDatabase::advance`].

mod backend;
mod commit;
mod core;
mod database;
mod fates;
mod flights;
mod history;
mod key;
mod landing;
mod lie;
mod link;
mod outages;
mod probe;
mod shared;
mod snapshot;
mod watch;
mod watches;

pub use backend::SimBackend;
pub use database::{MemoryDatabase, SimStore};
pub use fates::{CommitFate, Fates, HandleId, ReadFate, ReadVersionFate, RecoveryFate, WatchFate};
pub use landing::Landing;
pub use lie::{Lie, UnknownLie};
pub use probe::{LIE_PROBE, PROBES};
pub use snapshot::SimSnapshot;
