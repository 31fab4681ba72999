//! Takes clients away, then single operations of those that are left.

use std::collections::{BTreeMap, BTreeSet};

use sim::plan::{ClientPlan, Plan};

use super::judge::Judge;

/// Leaves only the clients without which the plan would pass.
pub(super) fn reduce(judge: &mut Judge<'_>) {
    let clients = judge.plan().clients.clone();
    judge.reduce(clients, |plan, clients| Plan {
        clients: clients.to_vec(),
        ..plan.clone()
    });
}

/// Leaves only the operations without which the plan would pass.
pub(super) fn reduce_operations(judge: &mut Judge<'_>) {
    cut_what_never_began(judge);
    let operations = operations(judge.plan());
    judge.reduce(operations, keep);
}

/// Operations past the last that a client began are not there.
fn cut_what_never_began(judge: &mut Judge<'_>) {
    let begun = judge.seen().begun.clone();
    if begun.is_empty() {
        return;
    }
    let mut plan = judge.plan().clone();
    for client in &mut plan.clients {
        client.ops = client.ops.min(begun.get(&client.id).copied().unwrap_or(0));
        client.skip.retain(|nth| *nth < client.ops);
    }
    judge.offer(plan);
}

/// The names of all clients, those that do least first.
pub(super) fn ids(plan: &Plan) -> Vec<u32> {
    let mut clients: Vec<&ClientPlan> = plan.clients.iter().collect();
    clients.sort_by_key(|client| client.ops);
    clients.iter().map(|client| client.id).collect()
}

/// The plan without this client.
pub(super) fn without(plan: &Plan, id: &u32) -> Plan {
    let mut plan = plan.clone();
    plan.clients.retain(|client| client.id != *id);
    plan
}

/// The plan without the clients that begin nothing.
pub(super) fn without_idle(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    plan.clients
        .retain(|client| operations_of(client).next().is_some());
    plan
}

/// Taking a client away shall not change of whose players the others speak.
pub(super) fn fix_names(judge: &mut Judge<'_>) {
    let plan = judge.plan();
    judge.offer(Plan {
        named_clients: Some(plan.named()),
        ..plan.clone()
    });
}

/// One operation: the client's name, and which of its operations.
pub(super) type Operation = (u32, u32);

/// All operations of all clients.
pub(super) fn operations(plan: &Plan) -> Vec<Operation> {
    plan.clients.iter().flat_map(operations_of).collect()
}

/// The plan without this operation.
pub(super) fn without_operation(plan: &Plan, gone: &Operation) -> Plan {
    let mut left = operations(plan);
    left.retain(|operation| operation != gone);
    keep(plan, &left)
}

fn operations_of(client: &ClientPlan) -> impl Iterator<Item = Operation> {
    let kept = (0..client.ops).filter(|nth| !client.skip.contains(nth));
    kept.map(|nth| (client.id, nth))
}

/// The plan in which only these operations are begun; a client's last one ends its list, so that little is skipped.
fn keep(plan: &Plan, operations: &[Operation]) -> Plan {
    let mut kept: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for (client, nth) in operations {
        kept.entry(*client).or_default().insert(*nth);
    }
    let mut plan = plan.clone();
    for client in &mut plan.clients {
        let kept = kept.remove(&client.id).unwrap_or_default();
        client.ops = kept.last().map_or(0, |last| last + 1);
        client.skip = (0..client.ops).filter(|nth| !kept.contains(nth)).collect();
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::fake::plan;

    #[test]
    fn keeping_operations_says_which_are_skipped() {
        let mut small = plan(1);
        small.clients.truncate(2);
        let kept = keep(&small, &[(0, 1), (0, 4)]);
        assert_eq!(kept.clients[0].ops, 5);
        assert_eq!(kept.clients[0].skip, [0, 2, 3]);
        assert_eq!((kept.clients[1].ops, kept.clients[1].skip.len()), (0, 0));
        assert_eq!(operations(&kept), [(0, 1), (0, 4)]);
        assert_eq!(operations(&without_operation(&kept, &(0, 4))), [(0, 1)]);
    }
}
