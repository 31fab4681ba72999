//! Shrinking: from a plan that fails to a small one that fails the same oracle.
//!
//! ```text
//! plan ─▶ faults ─▶ clients ─▶ duration ─▶ operations ─▶ cluster and settings ─▶ other schedules ─┐
//!          ▲                                                                                      │
//!          └──────────────────── until a whole round takes nothing away ◀─────────────────────────┘
//! ```
//!
//! Lists are reduced by delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
//! IEEE Transactions on Software Engineering 28(2), 2002). A fault has an identity that does not depend on the others, so
//! leaving some out leaves the rest as they were.

mod clients;
mod ddmin;
mod faults;
mod judge;
mod plain;
mod schedule;
mod settings;

use sim::plan::Plan;

pub(crate) use judge::{Judge, NotFailing};

use crate::simulator::Simulator;

/// Runs after which shrinking stops with what it has.
pub(crate) const RUNS_MAX: u32 = 4_000;

/// A plan that can't be made smaller, or that the bound on runs stopped at.
#[derive(Debug)]
pub(crate) struct Shrunk {
    pub(crate) plan: Plan,
    pub(crate) oracle: &'static str,
    /// Faults that happen in a run of it.
    pub(crate) faults: usize,
    /// Runs that it took.
    pub(crate) runs: u32,
    /// Nothing more can be taken away: no single fault, client or operation.
    pub(crate) minimal: bool,
}

/// Shrinks the plan; `told` hears of each plan that is smaller.
pub(crate) fn shrink(
    simulator: &dyn Simulator,
    plan: Plan,
    runs_max: u32,
    told: &mut dyn FnMut(&Plan, u32),
) -> Result<Shrunk, NotFailing> {
    let mut judge = Judge::new(simulator, plan, runs_max, told)?;
    clients::fix_names(&mut judge);
    loop {
        let before = judge.plan().clone();
        judge.look_before_panic();
        schedule::loosen(&mut judge);
        faults::reduce(&mut judge);
        clients::reduce(&mut judge);
        settings::shorten(&mut judge);
        clients::reduce_operations(&mut judge);
        settings::simplify(&mut judge);
        if *judge.plan() == before {
            schedule::reduce(&mut judge);
        }
        if *judge.plan() == before || judge.is_spent() {
            return Ok(judge.end());
        }
    }
}

/// Operations that the clients of the plan begin at most.
pub(crate) fn operations(plan: &Plan) -> u64 {
    let begun = |client: &sim::plan::ClientPlan| {
        let skipped = client.skip.iter().filter(|nth| **nth < client.ops).count() as u64;
        u64::from(client.ops) - skipped
    };
    plan.clients.iter().map(begun).sum()
}

#[cfg(test)]
mod tests;
