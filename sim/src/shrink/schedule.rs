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
/// Schedules that are tried without all clients that do nothing: what fails in one order of hundreds needs many.
const SCHEDULES_WITHOUT_IDLE: u64 = 400;

/// Makes the choices of one instant independent of those before, if the plan still fails then.
pub(super) fn loosen(judge: &mut Judge<'_>) {
    if judge.plan().schedule.is_none() {
        offer_schedules(judge, &judge.plan().clone(), SCHEDULES);
    }
}

/// Takes away single clients, faults and operations without which the plan fails under another schedule.
pub(super) fn reduce(judge: &mut Judge<'_>) {
    take_idle(judge);
    take_each(judge, clients::ids, clients::without);
    take_each(judge, faults::ids, faults::without);
    take_each(judge, clients::operations, clients::without_operation);
}

/// Takes away all clients that begin nothing.
fn take_idle(judge: &mut Judge<'_>) {
    let busy = clients::without_idle(judge.plan());
    if busy.clients.len() < judge.plan().clients.len() {
        offer_schedules(judge, &busy, SCHEDULES_WITHOUT_IDLE);
    }
}

/// Offers the plan without each of what `all` names, under all schedules.
fn take_each<T>(judge: &mut Judge<'_>, all: fn(&Plan) -> Vec<T>, without: fn(&Plan, &T) -> Plan) {
    for one in all(judge.plan()) {
        let plan = without(judge.plan(), &one);
        offer_schedules(judge, &plan, SCHEDULES);
    }
}

fn offer_schedules(judge: &mut Judge<'_>, plan: &Plan, schedules: u64) -> bool {
    (0..schedules).any(|number| {
        judge.offer(Plan {
            schedule: Some(number),
            ..plan.clone()
        })
    })
}
