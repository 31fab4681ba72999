//! Drawn plans are valid, repeat by seed, and differ.

use std::collections::BTreeSet;

use super::{DrawOptions, World};
use crate::plan::{DisasterKind, Plan, Workload};

fn all(world: World) -> impl Iterator<Item = Plan> {
    let options = DrawOptions {
        world,
        ..DrawOptions::default()
    };
    (0..500).map(move |seed| Plan::draw(seed, &options))
}

#[test]
fn a_seed_has_one_plan() {
    for (a, b) in all(World::Drawn).zip(all(World::Drawn)) {
        assert_eq!(a, b);
    }
}

#[test]
fn plans_survive_their_file() {
    for plan in all(World::Drawn).take(50) {
        let json = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), plan);
    }
}

#[test]
fn seeds_differ_in_all_that_matters() {
    let plans: Vec<Plan> = all(World::Drawn).collect();
    let distinct = |of: fn(&Plan) -> u64| plans.iter().map(of).collect::<BTreeSet<_>>().len();
    assert_eq!(distinct(|plan| plan.workload as u64), Workload::ALL.len());
    assert_eq!(distinct(|plan| plan.nodes.into()), 5);
    assert_eq!(distinct(|plan| plan.cores.into()), 3);
    assert_eq!(distinct(|plan| plan.engine.shards.into()), 16);
    let off = |of: fn(&Plan) -> u32| plans.iter().filter(|plan| of(plan) == 0).count();
    for rate in [
        |plan: &Plan| plan.rates.message_lost,
        |plan: &Plan| plan.rates.commit_unknown_done,
        |plan: &Plan| plan.rates.read_slow,
    ] {
        assert!((200..350).contains(&off(rate)), "{}", off(rate));
    }
}

#[test]
fn plans_are_valid() {
    for plan in all(World::Drawn).chain(all(World::Standard)) {
        plan.check().unwrap();
        let engine = &plan.engine;
        assert!(
            engine.tail_bytes as u64 * 4 <= engine.memory_bytes,
            "{engine:?}"
        );
        assert!(engine.heartbeat_ms * 3 < engine.lease_ms, "{engine:?}");
        assert!(engine.shards > 0 && plan.nodes > 0 && plan.cores > 0);
        assert!(plan.clients.len() <= 20);
        let ids: BTreeSet<_> = plan.disasters.iter().map(|it| &it.id).collect();
        assert_eq!(ids.len(), plan.disasters.len());
        for disaster in &plan.disasters {
            assert!(disaster.at_ms < plan.duration_ms);
            check_nodes(&disaster.what, plan.nodes);
        }
    }
}

#[test]
fn a_standard_world_is_what_its_speed_is_told_of() {
    for plan in all(World::Standard) {
        assert_eq!((plan.nodes, plan.cores, plan.clients.len()), (3, 2, 20));
        assert_ne!(plan.workload, Workload::Dense);
        assert!(plan.rates.message_lost > 0 && plan.rates.commit_unknown_done > 0);
        assert!(!plan.disasters.is_empty());
    }
}

#[test]
fn a_dense_world_is_healthy_and_a_dense_burst_is_not() {
    let dense = |world| {
        let options = DrawOptions {
            workload: Some(Workload::Dense),
            world,
            ..DrawOptions::default()
        };
        Plan::draw(1, &options)
    };
    let (world, burst) = (dense(World::Dense), dense(World::Standard));
    assert!(world.disasters.is_empty() && world.rates.message_lost == 0);
    assert!(!burst.disasters.is_empty() && burst.rates.message_lost > 0);
    let asked = |plan: &Plan| plan.clients.iter().map(|it| u64::from(it.ops)).sum::<u64>();
    assert!(asked(&world) > 100_000 && asked(&burst) < 10_000);
    assert_eq!(
        Plan::draw(
            1,
            &DrawOptions {
                world: World::Dense,
                ..DrawOptions::default()
            }
        ),
        world
    );
}

fn check_nodes(what: &DisasterKind, nodes: u16) {
    let there = |node: &u16| (1..=nodes).contains(node);
    match what {
        DisasterKind::Kill { node, .. }
        | DisasterKind::Restart { node, .. }
        | DisasterKind::Pause { node, .. }
        | DisasterKind::PauseCore { node, .. }
        | DisasterKind::Twin { node, .. }
        | DisasterKind::Slow { node, .. }
        | DisasterKind::WallJump { node, .. }
        | DisasterKind::Drift { node, .. }
        | DisasterKind::NoClients { node, .. }
        | DisasterKind::CutOff { node, .. }
        | DisasterKind::MemoryPressure { node, .. } => assert!(there(node), "{what:?}"),
        DisasterKind::Partition { from, to, .. } => {
            assert!(from.iter().chain(to).all(there), "{what:?}");
            assert!(!from.is_empty() && !to.is_empty(), "{what:?}");
            assert!(!from.iter().any(|node| to.contains(node)), "{what:?}");
        }
        DisasterKind::Clog { from, to, .. } => {
            assert!(there(from) && there(to) && from != to, "{what:?}");
        }
        DisasterKind::Swizzle { nodes, .. } => {
            assert!(!nodes.is_empty() && nodes.iter().all(there), "{what:?}");
        }
        DisasterKind::StoreUnavailable { .. } | DisasterKind::StoreRecovery => {}
    }
}

#[test]
fn who_hoards_rows_has_plenty_of_memory_until_all_is_well() {
    let plans = || all(World::Drawn).filter(|plan| !plan.disasters.is_empty());
    let mut hoarding = plans().filter_map(|plan| Some((plan.engine.plenty_bytes()?, plan)));
    let (plenty, plan) = hoarding.next().expect("some plans hoard");
    assert!(plenty > 100 * plan.engine.memory_bytes);
    let has_plenty = |node: &u16| {
        plan.disasters.iter().any(|disaster| {
            matches!(disaster.what, DisasterKind::MemoryPressure { node: at, bytes, for_ms }
                if (at, bytes, for_ms) == (*node, plenty, plan.duration_ms))
        })
    };
    assert!((1..=plan.nodes).all(|node| has_plenty(&node)));
}
