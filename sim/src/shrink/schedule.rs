//! Changes the order in which tasks run, where that is all that something is needed for.
//!
//! Taking anything away shifts what the scheduler draws afterwards, and a failure that is a matter of order is lost with
//! it: clients that do nothing are then kept for their place among the tasks. So the choices are first made to depend
//! on their instant ([`Plan::schedule`]), and what can't be taken away under one schedule is tried under others.

use sim::plan::Plan;

use super::judge::Judge;
use super::{clients, faults};

/// Schedules that are tried for one plan.
const SCHEDULES: u64 = 8;

/// Makes the choices of one instant independent of those before, if the plan still fails then.
pub(super) fn loosen(judge: &mut Judge<'_>) {
    if judge.plan().schedule.is_none() {
        offer_schedules(judge, &judge.plan().clone());
    }
}

/// Takes away single clients, faults and operations without which the plan fails under another schedule.
pub(super) fn reduce(judge: &mut Judge<'_>) {
    take_each(judge, clients::ids, clients::without);
    take_each(judge, faults::ids, faults::without);
    take_each(judge, clients::operations, clients::without_operation);
}

/// Offers the plan without each of what `all` names, under all schedules.
fn take_each<T>(judge: &mut Judge<'_>, all: fn(&Plan) -> Vec<T>, without: fn(&Plan, &T) -> Plan) {
    for one in all(judge.plan()) {
        let plan = without(judge.plan(), &one);
        offer_schedules(judge, &plan);
    }
}

fn offer_schedules(judge: &mut Judge<'_>, plan: &Plan) -> bool {
    (0..SCHEDULES).any(|number| {
        judge.offer(Plan {
            schedule: Some(number),
            ..plan.clone()
        })
    })
}
