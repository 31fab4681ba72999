//! What real runs export passes both.

use sim::plan::Workload;

use super::super::porcupine;
use super::*;

/// Checks a short run as both checkers do; says how many grants and reads it had.
fn check_run(workload: Workload, duration_ms: u64, seed: u64) -> (usize, usize) {
    let options = sim::draw::DrawOptions {
        duration_ms: Some(duration_ms),
        workload: Some(workload),
        world: sim::draw::World::Standard,
    };
    let plan = sim::plan::Plan::draw(seed, &options);
    let outcome = sim::run::run(&plan, sim::outcome::RunOptions::default());
    let observed = Observed::of(&outcome);
    let name = format!("{workload:?}, seed {seed}");
    let restocks = observed
        .operations
        .iter()
        .filter(|op| matches!(op.effect, Effect::Restocked { .. }))
        .count();
    let batches = outcome.truth.batches.iter();
    let stored = batches
        .flat_map(|batch| &batch.events)
        .filter(|event| matches!(event.body, hunt::EventBody::Restocked { .. }))
        .count();
    assert_eq!(restocks, stored, "{name}: each restock is there once");
    check_lists(&observed).unwrap_or_else(|why| panic!("{name}: {why}"));
    let porcupine: Value = serde_json::from_str(&porcupine::json(&observed)).expect("JSON");
    for partition in porcupine["partitions"].as_array().expect("a list") {
        assert!(
            is_linearizable(partition),
            "{name}: {}",
            partition["treasure"]
        );
    }
    let grants = observed.stored.values().map(Vec::len).sum();
    (grants, observed.reads.len())
}

#[test]
fn real_runs_pass_both() {
    let (mut grants, mut reads) = (0, 0);
    let workloads = [
        (Workload::Stampede, 5_000),
        (Workload::KeyReuse, 5_000),
        (Workload::StaleOwner, 5_000),
        // Long enough that requests are forgotten, and asked again.
        (Workload::RequestMemory, 60_000),
    ];
    for (workload, duration_ms) in workloads {
        for seed in 0..3 {
            let (granted, read) = check_run(workload, duration_ms, seed);
            grants += granted;
            reads += read;
        }
    }
    assert!(grants > 0, "nothing was granted");
    assert!(reads > 0, "nothing was read");
}
