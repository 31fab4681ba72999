//! Shrinking on a simulator whose failures are known.

use sim::fault::Injection;

use super::*;
use crate::simulator::fake::{Fake, fires, plan};

fn check(fake: &Fake, runs_max: u32) -> Shrunk {
    shrink(fake, plan(1), runs_max, &mut |_, _| {}).expect("it fails")
}

/// Fails when two certain faults, a disaster, and one operation of one client come together.
fn culprits(plan: &Plan) -> bool {
    let asks = plan
        .clients
        .iter()
        .any(|client| client.id == 7 && client.ops > 3 && !client.skip.contains(&3));
    let faults = ["commit/1.0/5", "commit/1.0/33", "plan/4"];
    asks && faults.iter().all(|id| fires(plan, id)) && plan.duration_ms >= 1_500
}

#[test]
fn only_what_matters_is_left() {
    let fake = Fake::new(|plan| culprits(plan).then_some("stock"));
    let shrunk = check(&fake, RUNS_MAX);
    let Injection::Only(faults) = &shrunk.plan.injection else {
        panic!("faults are named: {:?}", shrunk.plan.injection);
    };
    let faults: Vec<&str> = faults.iter().map(|id| id.0.as_str()).collect();
    assert_eq!(faults, ["commit/1.0/33", "commit/1.0/5", "plan/4"]);
    assert_eq!((shrunk.faults, shrunk.plan.disasters.len()), (3, 1));
    let [client] = shrunk.plan.clients.as_slice() else {
        panic!("one client is left: {:?}", shrunk.plan.clients);
    };
    assert_eq!(
        (client.id, client.ops, client.skip.as_slice()),
        (7, 4, [0, 1, 2].as_slice())
    );
    assert!(
        (1_500..1_800).contains(&shrunk.plan.duration_ms),
        "{}",
        shrunk.plan.duration_ms
    );
    assert_eq!((shrunk.plan.nodes, shrunk.plan.cores), (1, 1));
    assert_eq!(shrunk.plan.rates.commit_conflict, 0);
    assert_eq!(operations(&shrunk.plan), 1);
    assert!(shrunk.minimal);
}

#[test]
fn the_same_oracle_must_fail() {
    // Without client 3 something else fails, which is not what is looked for.
    let fake = Fake::new(
        |plan| match plan.clients.iter().any(|client| client.id == 3) {
            true => Some("stock"),
            false => Some("progress"),
        },
    );
    let shrunk = check(&fake, RUNS_MAX);
    assert_eq!(shrunk.oracle, "stock");
    assert_eq!(shrunk.plan.clients.len(), 1);
    assert_eq!(shrunk.plan.clients[0].id, 3);
}

#[test]
fn a_panic_shrinks_too() {
    let fake = Fake::new(|plan| {
        assert!(
            !plan.clients.iter().any(|client| client.id == 5),
            "client 5"
        );
        None
    });
    let shrunk = check(&fake, RUNS_MAX);
    assert_eq!((shrunk.oracle, shrunk.plan.clients.len()), ("panic", 1));
    assert!(shrunk.plan.disasters.is_empty());
}

/// Fails when client 3 asks and a fault happens, in an order that only all clients together, or one schedule, bring about.
fn a_matter_of_order(plan: &Plan) -> bool {
    let asks = plan.clients.iter().any(|client| client.id == 3);
    let in_order = match plan.schedule {
        None => plan.clients.len() == 12,
        Some(number) => number == plan.clients.len() as u64 % 5,
    };
    asks && in_order && fires(plan, "commit/1.0/5")
}

#[test]
fn what_only_keeps_the_order_is_taken_away() {
    let fake = Fake::new(|plan| a_matter_of_order(plan).then_some("stock"));
    let shrunk = check(&fake, RUNS_MAX);
    assert_eq!((shrunk.plan.clients.len(), shrunk.faults), (1, 1));
    assert_eq!(shrunk.plan.schedule, Some(1));
    assert!(shrunk.minimal);
}

#[test]
fn the_bound_on_runs_holds() {
    let fake = Fake::new(|plan| culprits(plan).then_some("stock"));
    let shrunk = check(&fake, 30);
    assert!(shrunk.runs <= 30);
    assert!(!shrunk.minimal);
    assert!(culprits(&shrunk.plan));
}

#[test]
fn what_passes_is_not_shrunk() {
    let fake = Fake::new(|_| None);
    assert!(shrink(&fake, plan(1), RUNS_MAX, &mut |_, _| {}).is_err());
}
