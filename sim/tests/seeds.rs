//! A few seeds of every workload, from plan to verdict.

use sim::draw::{DrawOptions, World};
use sim::outcome::RunOptions;
use sim::plan::{Plan, Workload};
use sim::run::run;
use store_sim::Lie;

/// How long clients play in each run.
const DURATION_MS: u64 = 15_000;

fn check(workload: Workload, world: World, seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let options = DrawOptions {
            workload: Some(workload),
            duration_ms: Some(DURATION_MS),
            world,
        };
        let outcome = run(&Plan::draw(seed, &options), RunOptions::default());
        assert_eq!(
            outcome.failure, None,
            "{workload:?}, {world:?}, seed {seed}"
        );
        assert!(outcome.commands > 0, "{workload:?}, {world:?}, seed {seed}");
    }
}

/// Rows were lost when a shard was handed over while they were being written; rankings and definitions were shown
/// before their commits.
#[test]
fn seeds_that_found_something_hold() {
    let found = [
        (Workload::ScheduleEdges, 31),
        (Workload::FirstToSolve, 10),
        (Workload::Restock, 10),
        (Workload::KeyReuse, 30),
    ];
    for (workload, seed) in found {
        let options = DrawOptions {
            workload: Some(workload),
            duration_ms: Some(20_000),
            world: World::Drawn,
        };
        let outcome = run(&Plan::draw(seed, &options), RunOptions::default());
        assert_eq!(outcome.failure, None, "{workload:?}, seed {seed}");
    }
}

#[test]
fn calm_worlds_hold() {
    for workload in Workload::ALL
        .into_iter()
        .filter(|it| *it != Workload::Dense)
    {
        check(workload, World::Calm, 0..2);
    }
}

#[test]
fn standard_worlds_hold() {
    for workload in Workload::ALL
        .into_iter()
        .filter(|it| *it != Workload::Dense)
    {
        check(workload, World::Standard, 0..2);
    }
}

#[test]
fn drawn_worlds_hold() {
    for workload in Workload::ALL
        .into_iter()
        .filter(|it| *it != Workload::Dense)
    {
        check(workload, World::Drawn, 0..3);
    }
}

/// How often a store that lies does so, per million of its opportunities.
const LIES_PER_MILLION: u32 = 50_000;

fn is_caught(lie: Lie, seed: u64) -> bool {
    let options = DrawOptions {
        duration_ms: Some(DURATION_MS),
        world: World::Standard,
        ..DrawOptions::default()
    };
    let mut plan = Plan::draw(seed, &options);
    plan.lie = Some(lie.name().to_owned());
    plan.rates.lie = LIES_PER_MILLION;
    run(&plan, RunOptions::default()).failure.is_some()
}

#[test]
fn a_store_that_lies_is_found_out() {
    for lie in Lie::ALL {
        let caught = (0..20).find(|seed| is_caught(lie, *seed));
        assert!(caught.is_some(), "{lie} goes unnoticed");
    }
}
