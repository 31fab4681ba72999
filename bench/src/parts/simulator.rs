//! The simulator itself: `sim`.

use sim::draw::{DrawOptions, World};
use sim::outcome::RunOptions;
use sim::plan::{Plan, Workload};

use super::{Part, Run};

/// The seed: one that anybody can type.
const SEED: u64 = 1;

/// Virtual milliseconds for each unit asked for; a standard world does some commands in that time.
const MS_PER_UNIT: u64 = 10;

pub(super) const PARTS: &[Part] = &[Part {
    name: "simulator",
    what: "a command of the dense workload in the standard world, oracles included",
    unit: "command",
    units: 1_000,
    is_counted: true,
    prepare: dense,
}];

fn dense(units: u64) -> Run {
    let plan = Plan::draw(
        SEED,
        &DrawOptions {
            workload: Some(Workload::Dense),
            duration_ms: Some(units * MS_PER_UNIT),
            world: World::Standard,
        },
    );
    Box::new(move || {
        let outcome = sim::run::run(&plan, RunOptions::default());
        assert_eq!(outcome.failure, None, "a sound engine passes");
        outcome.commands
    })
}
