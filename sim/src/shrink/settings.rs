//! Makes what is left plain: a shorter run, a smaller cluster, settings and rates that say nothing special.

use serde_json::{Map, Value};
use sim::plan::Plan;

use super::judge::Judge;

/// The time before the failure that a run keeps at first, in milliseconds.
const MARGIN_MS: u64 = 1_000;

/// Rates that tell how fast things are, not how often they fail; they stay as they are.
const SPEEDS: &[&str] = &[
    "network_us",
    "store_us",
    "tail_doublings",
    "window_versions",
    "commit_interval_us",
];

/// Cuts the run short.
pub(super) fn shorten(judge: &mut Judge<'_>) {
    let until_failure = judge.seen().failed_at_us.div_ceil(1_000) + MARGIN_MS;
    let with = |judge: &Judge<'_>, duration_ms| Plan {
        duration_ms,
        ..judge.plan().clone()
    };
    if until_failure > MARGIN_MS && until_failure < judge.plan().duration_ms {
        judge.offer(with(judge, until_failure));
    }
    // Bisection: a run that is too short (`low`) passes, one that is long enough (the plan's) fails.
    let (mut low, mut step) = (0, judge.plan().duration_ms / 2);
    while step > MARGIN_MS / 10 {
        let middle = low + (judge.plan().duration_ms - low) / 2;
        if middle <= low || middle >= judge.plan().duration_ms {
            break;
        }
        if !judge.offer(with(judge, middle)) {
            low = middle;
        }
        step = (judge.plan().duration_ms - low) / 2;
    }
}

/// Tries plainer values for everything else, one at a time.
pub(super) fn simplify(judge: &mut Judge<'_>) {
    for smaller in [
        (|plan: &mut Plan| plan.nodes = plan.nodes.saturating_sub(1).max(1)) as fn(&mut Plan),
        |plan| plan.cores = plan.cores.saturating_sub(1).max(1),
        |plan| plan.engine.shards = (plan.engine.shards / 2).max(1),
        |plan| {
            plan.clients
                .iter_mut()
                .for_each(|client| client.think_ms /= 2)
        },
        |plan| {
            plan.clients
                .iter_mut()
                .for_each(|client| client.from_ms = 0)
        },
    ] {
        while offer_changed(judge, smaller) {}
    }
    quiet_rates(judge);
    plain_engine(judge);
}

fn offer_changed(judge: &mut Judge<'_>, change: fn(&mut Plan)) -> bool {
    let mut plan = judge.plan().clone();
    change(&mut plan);
    plan != *judge.plan() && judge.offer(plan)
}

/// Rates that nothing needs become 0.
fn quiet_rates(judge: &mut Judge<'_>) {
    let rates = serde_json::to_value(&judge.plan().rates).expect("rates are plain data");
    let Value::Object(rates) = rates else {
        return;
    };
    let loud = rates
        .iter()
        .filter(|(name, rate)| !SPEEDS.contains(&name.as_str()) && rate.as_u64() != Some(0));
    let loud: Vec<String> = loud.map(|(name, _)| name.clone()).collect();
    judge.reduce(loud, |plan, left| {
        let kept = |name: &str| SPEEDS.contains(&name) || left.iter().any(|l| l == name);
        let quiet: Map<String, Value> = rates
            .iter()
            .filter(|(name, _)| kept(name))
            .map(|(name, rate)| (name.clone(), rate.clone()))
            .collect();
        Plan {
            rates: serde_json::from_value(quiet.into()).expect("a rate that is not named is 0"),
            ..plan.clone()
        }
    });
}

/// Settings of the engine become those of a plain run where the failure does not need others.
fn plain_engine(judge: &mut Judge<'_>) {
    let plain = fields(&super::plain::engine());
    for (name, value) in plain {
        let mut engine = fields(&judge.plan().engine);
        engine.insert(name, value);
        let plan = Plan {
            engine: serde_json::from_value(engine.into()).expect("the fields are the struct's own"),
            ..judge.plan().clone()
        };
        judge.offer(plan);
    }
}

fn fields(engine: &sim::plan::EnginePlan) -> Map<String, Value> {
    match serde_json::to_value(engine) {
        Ok(Value::Object(fields)) => fields,
        _ => unreachable!("a struct with named fields is an object"),
    }
}
