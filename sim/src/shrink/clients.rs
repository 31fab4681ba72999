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
    let operations = judge.plan().clients.iter().flat_map(operations).collect();
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

/// One operation: the client's name, and which of its operations.
type Operation = (u32, u32);

fn operations(client: &ClientPlan) -> impl Iterator<Item = Operation> {
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
        let again: Vec<Operation> = kept.clients.iter().flat_map(operations).collect();
        assert_eq!(again, [(0, 1), (0, 4)]);
    }
}
