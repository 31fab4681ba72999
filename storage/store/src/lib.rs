//! FoundationDB's transaction model as two traits, with its limits, errors and conformance suite.
//!
//! ```text
//!   callers ──▶ Store / Transaction            (what the engine is written against)
//!                    │
//!                    ├─ Session over a Backend (store-embedded, store-sim): one implementation of
//!                    │    read-your-writes, conflict ranges, limits, retries and watches
//!                    └─ a real cluster's client (it brings all of that itself)
//!   Backend ──▶ Resolver                       (who conflicts with whom)
//!   conformance ──▶ any Store                  (the promises, as cases that can fail)
//! ```
//!
//! Nothing here does I/O, reads a clock or draws a random number by itself: [`Environment`] does.

mod atomic;
mod backend;
mod commit_request;
mod conflict_set;
pub mod conformance;
mod dice;
mod environment;
mod error;
pub mod keys;
pub mod limits;
mod option;
mod range;
mod resolver;
mod rows_all;
mod selector;
mod session;
mod transaction;
mod version;
mod version_clock;

pub use atomic::AtomicOp;
pub use backend::{Backend, Scan, Snapshot};
pub use commit_request::{CommitRequest, Mutation};
pub use conflict_set::{ConflictRange, ConflictSet};
pub use environment::Environment;
pub use error::{StoreError, code};
pub use keys::Keyspace;
pub use limits::WATCHES_MAX;
pub use option::TransactionOption;
pub use range::{KeyRange, RangeRead, Rows};
pub use resolver::{Resolver, Verdict};
pub use rows_all::rows_all;
pub use selector::KeySelector;
pub use session::{Database, Session};
pub use transaction::{Store, Transaction};
pub use version::{Committed, VERSION_READ_ONLY, Version, Versionstamp};
pub use version_clock::VersionClock;
