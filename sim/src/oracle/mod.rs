//! The oracles: each is a pure function over what the clients saw and what was stored, and is content or says why not.
//!
//! ```text
//! History (clients) ─┐                    ┌▶ the log holds together: gapless, batch_limits, one_writer, declared_dead, released, time, rows_fold
//! Truth (database) ──┼▶ Evidence ─ judge ─┼▶ the rules held at every place: stock, limits, first_to_solve, schedule, rules
//! Observations ──────┘   (index, deeds)   ├▶ every answer was true: acknowledged, exactly_once, replies, queries, feed
//!                                         └▶ the clients alone could not tell: real_time, linearizable
//! ```

mod acknowledged;
mod askers;
mod batch_limits;
mod board;
mod calm;
mod declared_dead;
mod deed;
mod events;
mod exactly_once;
mod feed;
mod first_to_solve;
#[cfg(test)]
mod fixture;
mod gapless;
mod key_reuse;
mod leaderboard;
mod leaks;
mod ledger;
mod linearizable;
mod listing;
mod memory;
mod model;
mod observations;
mod one_writer;
mod parts;
mod per_player_limit;
mod placement;
mod prefix;
mod queries;
mod real_time;
mod recovered;
mod refusals;
mod released;
mod replies;
mod rows_fold;
mod rules;
mod schedule;
mod shown;
mod status;
mod stock;
mod time;
mod turned_away;
mod wall;

use crate::history::History;
use crate::outcome::Failure;
use crate::plan::Plan;
use crate::truth::Truth;
use deed::Deed;
use ledger::Ledger;

pub use observations::{Belief, Closed, MemoryPeak, Observations};

/// All that the oracles look at.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The run.
    pub plan: &'a Plan,
    /// What the clients saw.
    pub history: &'a History,
    /// What was stored.
    pub truth: &'a Truth,
    /// What was measured while it ran, and after everything had healed.
    pub observations: &'a Observations,
    /// The log, by shard and by hunt.
    pub(crate) ledger: Ledger<'a>,
    /// The commands of the history, one by one.
    pub(crate) deeds: Vec<Deed<'a>>,
}

impl<'a> Evidence<'a> {
    /// Puts the evidence in order, once for all oracles.
    pub fn new(
        plan: &'a Plan,
        history: &'a History,
        truth: &'a Truth,
        observations: &'a Observations,
    ) -> Self {
        let ledger = Ledger::of(truth, plan.engine.shards);
        let deeds = deed::deeds(history, &ledger);
        Self {
            plan,
            history,
            truth,
            observations,
            ledger,
            deeds,
        }
    }
}

/// One oracle.
type Check = fn(&Evidence<'_>) -> Result<(), Failure>;

/// All of them, those first that the others rely on.
const ORACLES: &[Check] = &[
    gapless::check,
    batch_limits::check,
    one_writer::check,
    declared_dead::check,
    released::check,
    placement::check,
    time::check,
    rows_fold::check,
    acknowledged::check,
    exactly_once::check,
    key_reuse::check,
    stock::check,
    per_player_limit::check,
    first_to_solve::check,
    schedule::check,
    rules::check,
    replies::check,
    turned_away::check,
    real_time::check,
    queries::check,
    listing::check,
    events::check,
    leaderboard::check,
    feed::check,
    leaks::check,
    linearizable::check,
    status::check,
    calm::check,
    parts::check,
    memory::check,
    recovered::check,
];

/// Asks every oracle, in a fixed order; the first that is not content has the word.
pub fn judge(evidence: &Evidence<'_>) -> Result<(), Failure> {
    ORACLES.iter().try_for_each(|check| check(evidence))
}

/// Judges a run; says what is wrong with it, if anything is.
pub fn verdict(
    plan: &Plan,
    history: &History,
    truth: &Truth,
    observations: &Observations,
) -> Option<Failure> {
    judge(&Evidence::new(plan, history, truth, observations)).err()
}

/// What an oracle found.
fn failure(oracle: &'static str, at_us: u64, detail: impl Into<String>) -> Failure {
    Failure {
        oracle,
        detail: detail.into(),
        at_us,
    }
}
