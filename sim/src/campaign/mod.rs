//! A campaign: many seeds on many threads, some of them twice, and what came of it.
//!
//! ```text
//! seeds ─▶ workers (one thread each) ─▶ examine: run, run again, run elsewhere ─▶ Tally
//! ```

mod examine;
mod seeds;
mod tally;
mod timeline;
mod wall;
mod workers;

pub(crate) use examine::{Elsewhere, Examiner, Repeats, faults_by_kind, hash_text};
pub(crate) use seeds::{Seeds, parse_seed, parse_seeds};
pub(crate) use tally::Tally;
pub(crate) use timeline::timeline;
pub(crate) use wall::{Watch, cores};
pub(crate) use workers::Campaign;
