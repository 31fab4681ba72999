//! Where nothing goes wrong, nobody waits: in a run without any fault, and without ways that now and then take many times
//! as long, every try is answered, soon, and none is sent away because something is broken. So a wake-up that is lost, and made up for by somebody's time-out, is noticed.

use std::collections::{BTreeMap, BTreeSet};

use hunt::ShardId;
use node::AskError;

use super::{Evidence, failure};
use crate::history::{Answer, Try};
use crate::outcome::Failure;
use crate::plan::{Plan, Rates};

const ORACLE: &str = "calm";

/// In the beginning nodes find each other, and shards go from one to the next.
const SETTLED_MS: u64 = 5_000;
/// What an answer may take, beside its ways: a burst waits its turn.
const ANSWER_US_MAX: u64 = 150_000;
/// So many ways to the store and back, and over the network, an answer may need.
const STORE_WAYS: u64 = 75;
const NETWORK_WAYS: u64 = 40;
const STORE_WAYS_PER_EVENT: u64 = 10;
/// Whoever has waited for the feed for so long is known to all who commit.
const HEARD_OF_US: u64 = 60_000;
/// What it takes to tell who waits for the feed of a commit, and to read it.
const TOLD_US_MAX: u64 = 40_000;
const STORE_WAYS_TOLD: u64 = 20;
/// With so many shards for each node none is left out.
const SHARDS_PER_NODE: u16 = 5;
/// With less memory than this a row may have to wait until there is room.
const TIGHT_BYTES: u64 = 1 << 20;
const ROOM_US_MAX: u64 = 1_000_000;
/// What a look at the feed waits for the next event, if there is none.
const FEED_WAIT_US: u64 = 300_000;

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let plan = evidence.plan;
    if !is_calm(plan) {
        return Ok(());
    }
    are_spread(evidence).map_err(|problem| failure(ORACLE, 0, problem))?;
    for op in &evidence.history.ops {
        for tried in op.tries.iter().filter(|tried| is_judged(plan, tried)) {
            let well = is_well(plan, tried);
            well.and_then(|()| is_told_soon(evidence, tried)).map_err(|problem| {
                let detail = format!(
                    "operation {} of client {} ({:?}), sent to node {} core {} at {} us: {problem}",
                    op.nth, op.client, op.ask, tried.node, tried.core, tried.sent_us
                );
                failure(ORACLE, tried.sent_us, detail)
            })?;
        }
    }
    Ok(())
}

/// Nothing can go wrong but by the engine's own doing.
pub(crate) fn is_calm(plan: &Plan) -> bool {
    let without_ways = Rates {
        network_us: 0,
        store_us: 0,
        window_versions: 0,
        buggify_sites: 0,
        ..plan.rates.clone()
    };
    plan.disasters.is_empty() && plan.lie.is_none() && without_ways == Rates::default()
}

/// Everything has settled by then, and there is time for the answer before the end.
fn is_judged(plan: &Plan, tried: &Try) -> bool {
    let first_us = (SETTLED_MS + 3 * plan.engine.lease_ms) * 1_000;
    let last_us = (plan.duration_ms * 1_000).saturating_sub(patience_us(plan) + FEED_WAIT_US);
    (first_us..last_us).contains(&tried.sent_us)
}

fn patience_us(plan: &Plan) -> u64 {
    let ways = u64::from(plan.rates.store_us) * STORE_WAYS
        + u64::from(plan.rates.network_us) * NETWORK_WAYS;
    let is_tight = plan.engine.memory_bytes < TIGHT_BYTES;
    ANSWER_US_MAX + ways + if is_tight { ROOM_US_MAX } else { 0 }
}

fn is_well(plan: &Plan, tried: &Try) -> Result<(), String> {
    let (Some(answer), Some(ended_us)) = (&tried.answer, tried.ended_us) else {
        return Err("never answered".to_owned());
    };
    let (took_us, most_us) = (
        ended_us - tried.sent_us,
        patience_us(plan) + waits_us(plan, answer),
    );
    if took_us > most_us {
        return Err(format!("answered after {took_us} us, not within {most_us}"));
    }
    let errors = answer.errors();
    let broken = errors.iter().find(|error| is_broken(plan, error));
    match broken {
        None => Ok(()),
        Some(error) => Err(format!("answered {error:?}")),
    }
}

/// Nothing but the engine can have caused this error. Who gives other cores or the store little time to answer must live
/// with that.
fn is_broken(plan: &Plan, error: &AskError) -> bool {
    match error {
        AskError::Overloaded { .. } => false,
        AskError::NotReady { .. } => true,
        AskError::Unavailable { .. } => given_up_after_us(plan) > patience_us(plan),
    }
}

/// How long an answer of another core or of the store is waited for.
fn given_up_after_us(plan: &Plan) -> u64 {
    plan.engine
        .ask_timeout_ms
        .min(plan.engine.commit_stall_ms())
        * 1_000
}

/// What a look at the feed waits for, and what its events take: each may lie in a batch of its own, and all of those may
/// have to be read.
fn waits_us(plan: &Plan, answer: &Answer) -> u64 {
    match answer {
        Answer::Feed(Ok(page)) => {
            let events = page.events.len() as u64;
            FEED_WAIT_US + events * STORE_WAYS_PER_EVENT * u64::from(plan.rates.store_us)
        }
        Answer::Feed(Err(_)) => FEED_WAIT_US,
        _ => 0,
    }
}

/// Who waits for the feed hears of a commit at once, and not when it looks again by itself.
fn is_told_soon(evidence: &Evidence<'_>, tried: &Try) -> Result<(), String> {
    let (Some(answer @ Answer::Feed(Ok(page))), Some(ended_us)) = (&tried.answer, tried.ended_us)
    else {
        return Ok(());
    };
    let first = page.events.first().and_then(|given| {
        let log = evidence.ledger.shards.get(&given.shard)?;
        let place = log.partition_point(|placed| placed.event.seq < given.event.seq);
        log.get(place)
    });
    let Some(first) = first.filter(|first| first.at_us() > tried.sent_us + HEARD_OF_US) else {
        return Ok(());
    };
    let plan = evidence.plan;
    let ways = u64::from(plan.rates.store_us) * STORE_WAYS_TOLD
        + u64::from(plan.rates.network_us) * NETWORK_WAYS;
    let (took_us, most_us) = (
        ended_us - first.at_us(),
        TOLD_US_MAX + ways + waits_us(plan, answer) - FEED_WAIT_US,
    );
    match took_us <= most_us {
        true => Ok(()),
        false => Err(format!(
            "told of event {} of shard {} only {took_us} us after its commit, not within {most_us}",
            first.event.seq, first.batch.shard
        )),
    }
}

/// Shards lie on all nodes, if there are many more shards than nodes.
fn are_spread(evidence: &Evidence<'_>) -> Result<(), String> {
    let (nodes, shards) = (evidence.plan.nodes, evidence.plan.engine.shards);
    let mut owners: BTreeMap<ShardId, u64> = BTreeMap::new();
    let one_left_at_us = evidence.observations.one_left_at_us.unwrap_or(u64::MAX);
    let leases = evidence.truth.leases.iter();
    for lease in leases.filter(|lease| lease.at_us < one_left_at_us) {
        owners.insert(lease.shard, lease.node);
    }
    let used: BTreeSet<u64> = owners.values().copied().collect();
    if shards < SHARDS_PER_NODE * nodes || used.len() == usize::from(nodes) {
        return Ok(());
    }
    Err(format!(
        "{shards} shards lie on the nodes {used:?} of {nodes}"
    ))
}
