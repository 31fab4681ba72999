//! Takes faults away: the random ones and the planned disasters alike.

use std::collections::BTreeSet;

use sim::fault::{FaultId, Injection};
use sim::plan::Plan;

use super::judge::Judge;

/// Leaves only the faults without which the plan would pass.
pub(super) fn reduce(judge: &mut Judge<'_>) {
    let fired = judge.seen().fired.clone();
    // A run that panicked shows no faults: then the list of the plan, if it has one, is where to start.
    let known = match (&judge.plan().injection, fired.is_empty()) {
        (Injection::Only(ids), true) => ids.clone(),
        _ => fired,
    };
    let everything: Vec<FaultId> = known.into_iter().collect();
    if !judge.offer(only(judge.plan(), &everything)) {
        reduce_disasters(judge);
        return;
    }
    judge.reduce(everything, only);
}

/// The faults that the plan names; none if it does not name any.
pub(super) fn ids(plan: &Plan) -> Vec<FaultId> {
    match &plan.injection {
        Injection::Only(ids) => ids.iter().cloned().collect(),
        _ => Vec::new(),
    }
}

/// The plan without this one of the faults that it names.
pub(super) fn without(plan: &Plan, gone: &FaultId) -> Plan {
    let mut left = ids(plan);
    left.retain(|id| id != gone);
    only(plan, &left)
}

/// The plan in which only these faults happen.
fn only(plan: &Plan, faults: &[FaultId]) -> Plan {
    let faults: BTreeSet<FaultId> = faults.iter().cloned().collect();
    let mut plan = plan.clone();
    plan.disasters
        .retain(|disaster| faults.contains(&disaster.id));
    plan.injection = Injection::Only(faults);
    plan
}

/// What can still be done where the faults of a run can't be listed.
fn reduce_disasters(judge: &mut Judge<'_>) {
    let disasters = judge.plan().disasters.clone();
    judge.reduce(disasters, |plan, disasters| Plan {
        disasters: disasters.to_vec(),
        ..plan.clone()
    });
}
