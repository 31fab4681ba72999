//! A simulator for the tests of the tools: it fails when a given judge says so, and fires the faults that it is let.

use std::collections::BTreeMap;

use sim::fault::{FaultId, Fired, Injection};
use sim::history::History;
use sim::outcome::{Failure, Outcome, RunOptions};
use sim::plan::{
    ClientPlan, Disaster, DisasterKind, EnginePlan, PLAN_FORMAT, Plan, PlanError, Rates, Role,
    Workload,
};
use sim::truth::Truth;

use super::Simulator;

/// Random faults that the fake fires unless the plan forbids them.
pub(crate) const RANDOM_FAULTS: u32 = 40;

type Judge = dyn Fn(&Plan) -> Option<&'static str> + Sync;

/// Fails with the oracle that its judge names.
pub(crate) struct Fake {
    judge: Box<Judge>,
}

impl Fake {
    pub(crate) fn new(judge: impl Fn(&Plan) -> Option<&'static str> + Sync + 'static) -> Self {
        Self {
            judge: Box::new(judge),
        }
    }
}

impl Simulator for Fake {
    fn draw(&self, seed: u64) -> Plan {
        plan(seed)
    }

    fn check(&self, _plan: &Plan) -> Result<(), PlanError> {
        Ok(())
    }

    fn run(&self, plan: &Plan, _options: RunOptions) -> Outcome {
        let failure = (self.judge)(plan).map(|oracle| Failure {
            oracle,
            detail: "as the judge says".to_owned(),
            at_us: 2_000_000,
        });
        Outcome {
            hash: u128::from(plan.seed),
            steps: 1,
            simulated_us: plan.duration_ms * 1_000,
            commands: plan.clients.iter().map(|c| u64::from(c.ops)).sum(),
            fired: fired(plan),
            probes: BTreeMap::from([("fake.probe", 1)]),
            is_judged: true,
            failure,
            history: History::default(),
            truth: Truth::default(),
            trace: Vec::new(),
        }
    }
}

/// The faults that happen in a run of this plan.
pub(crate) fn fired(plan: &Plan) -> Vec<Fired> {
    let random = (0..RANDOM_FAULTS).map(|n| FaultId(format!("commit/1.0/{n}")));
    let planned = plan.disasters.iter().map(|disaster| disaster.id.clone());
    let happens = |id: &FaultId| match &plan.injection {
        Injection::AsDrawn => true,
        Injection::Only(ids) => ids.contains(id),
    };
    random
        .chain(planned)
        .filter(happens)
        .map(|id| Fired {
            id,
            at_us: 1_000,
            kind: "fake",
            detail: String::new(),
        })
        .collect()
}

/// The fault with this name happens in a run of this plan.
pub(crate) fn fires(plan: &Plan, id: &str) -> bool {
    fired(plan).iter().any(|fault| fault.id.0 == id)
}

/// A plan with a dozen clients and a few disasters.
pub(crate) fn plan(seed: u64) -> Plan {
    let client = |id| ClientPlan {
        id,
        role: Role::Player,
        ops: 20,
        think_ms: 10,
        from_ms: 0,
        skip: Vec::new(),
    };
    let disaster = |n: u64| Disaster {
        id: FaultId(format!("plan/{n}")),
        at_ms: n * 100,
        what: DisasterKind::StoreRecovery,
    };
    Plan {
        format: PLAN_FORMAT,
        seed,
        workload: Workload::Mixed,
        duration_ms: 60_000,
        nodes: 3,
        cores: 2,
        engine: EnginePlan {
            shards: 8,
            memory_bytes: 1,
            batch_events_max: 1,
            batch_bytes_max: 1,
            waiters_max: 1,
            asks_max: 1,
            ask_timeout_ms: 1,
            flush_after_ms: 1,
            loads_max: 1,
            dirty_rows_max: 1,
            flush_rows_max: 1,
            tail_bytes: 1,
            tick_ms: 1,
            lease_ms: 1,
            heartbeat_ms: 1,
            ring_messages_max: 1,
        },
        clients: (0..12).map(client).collect(),
        rates: Rates {
            commit_conflict: 1_000,
            ..Rates::default()
        },
        disasters: (0..6).map(disaster).collect(),
        injection: Injection::AsDrawn,
        schedule: None,
        named_clients: None,
        lie: None,
    }
}
