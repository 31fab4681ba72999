//! What a core says of itself: every core of the node and every shard of the core once, figures that agree with each
//! other, and with the leases and the log that landed.

use std::collections::BTreeSet;

use node::{AskError, CoreStatus, Histogram, Response, ShardStatus};

use super::{Evidence, failure};
use crate::history::{Answer, Ask, Try};
use crate::outcome::Failure;
use crate::plan::DisasterKind;
use crate::truth::LandedLease;

const ORACLE: &str = "status";

/// The limits that callers can meet, by the names of their settings.
const LIMITS: &[&str] = &[
    "asks_max",
    "batch_events_max",
    "commit_stall_ms",
    "core_queue",
    "hunts_per_shard_max",
    "loads_max",
    "memory_bytes",
    "waiters_max",
];

/// What the store needs at least to know a player in memory.
const PLAYER_BYTES_MIN: u64 = 64;

/// Players of a shard that may have been opened since the last count.
const JUST_OPENED: u64 = 40;

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let asks = evidence.history.ops.iter();
    for tried in asks
        .filter(|op| matches!(op.ask, Ask::Status))
        .flat_map(|op| &op.tries)
    {
        let (Some(Answer::Status(parts)), Some(ended_us)) = (&tried.answer, tried.ended_us) else {
            continue;
        };
        node(evidence, tried, parts).map_err(|problem| {
            let detail = format!(
                "node {} was asked for its status at {} us: {problem}",
                tried.node, tried.sent_us
            );
            failure(ORACLE, ended_us, detail)
        })?;
    }
    Ok(())
}

fn node(
    evidence: &Evidence<'_>,
    tried: &Try,
    parts: &[Result<Response, AskError>],
) -> Result<(), String> {
    if parts.len() != usize::from(evidence.plan.cores) {
        return Err(format!("{} cores answer", parts.len()));
    }
    for (part, number) in parts.iter().zip(0..) {
        match part {
            Err(_) => {}
            Ok(Response::Status(status)) if status.core == number => {
                let sound = core(evidence, status);
                let true_shards = || shards(evidence, tried, status);
                sound
                    .and_then(|()| true_shards())
                    .map_err(|problem| format!("core {number}: {problem}"))?;
            }
            Ok(other) => return Err(format!("core {number} is answered by {other:?}")),
        }
    }
    Ok(())
}

/// The core's own figures.
fn core(evidence: &Evidence<'_>, status: &CoreStatus) -> Result<(), String> {
    let outcomes: u64 = status.outcomes.values().sum();
    if outcomes != status.commands {
        return Err(format!(
            "{} commands, but {outcomes} outcomes",
            status.commands
        ));
    }
    if let Some(unknown) = status
        .refused
        .keys()
        .find(|it| !LIMITS.contains(&it.as_str()))
    {
        return Err(format!("{unknown:?} is no limit that one can set"));
    }
    adds_up(&status.batch_events).map_err(|problem| format!("events per batch: {problem}"))?;
    adds_up(&status.commit_us).map_err(|problem| format!("times of commits: {problem}"))?;
    if status.batch_events.sum < status.batch_events.count {
        return Err("some batches had no event".to_owned());
    }
    if status.commit_us.count > status.batch_events.count {
        return Err("more batches were committed than begun".to_owned());
    }
    let players: u64 = status.shards.iter().map(|shard| shard.players).sum();
    // The bytes are as of the last count, so a core that is filling, or has just opened a shard, may be behind: a row takes
    // far more than this.
    let many = players.saturating_sub(JUST_OPENED) / 4;
    if status.memory_bytes > 0 && many * PLAYER_BYTES_MIN > status.memory_bytes {
        return Err(format!(
            "{players} players in {} bytes",
            status.memory_bytes
        ));
    }
    let disasters = &evidence.plan.disasters;
    let is_pressed = |kind: &DisasterKind| matches!(kind, DisasterKind::MemoryPressure { .. });
    let budget = evidence.plan.engine.memory_bytes;
    if status.memory_budget_bytes != budget && !disasters.iter().any(|it| is_pressed(&it.what)) {
        return Err(format!(
            "it may hold {} bytes of {budget}",
            status.memory_budget_bytes
        ));
    }
    Ok(())
}

fn adds_up(histogram: &Histogram) -> Result<(), String> {
    let buckets: u64 = histogram.buckets.iter().sum();
    // Bucket i counts values below 2^i and at or above 2^(i-1).
    let (mut least, mut most) = (0_u64, 0_u64);
    for (count, index) in histogram.buckets.iter().zip(0..) {
        least += count * ((1_u64 << index) / 2);
        most += count * ((1_u64 << index) - 1);
    }
    if buckets != histogram.count {
        return Err(format!(
            "{buckets} values in the buckets of {}",
            histogram.count
        ));
    }
    // The last bucket takes all that is bigger.
    let is_open = histogram.buckets.last().is_some_and(|last| *last > 0);
    if histogram.sum < least || (histogram.sum > most && !is_open) {
        return Err(format!(
            "a sum of {}, where the buckets tell {least} to {most}",
            histogram.sum
        ));
    }
    Ok(())
}

fn shards(evidence: &Evidence<'_>, tried: &Try, status: &CoreStatus) -> Result<(), String> {
    let cores = evidence.plan.cores;
    let own = (0..evidence.plan.engine.shards).filter(|shard| shard % cores == status.core);
    if !own.eq(status.shards.iter().map(|shard| shard.shard)) {
        return Err(format!("it lists the shards {:?}", status.shards));
    }
    for shard in status.shards.iter().filter(|shard| shard.epoch > 0) {
        is_true(evidence, tried, shard)
            .map_err(|problem| format!("shard {}: {problem}: {shard:?}", shard.shard))?;
    }
    Ok(())
}

/// A shard that is in memory: as its owner may know it.
fn is_true(evidence: &Evidence<'_>, tried: &Try, shard: &ShardStatus) -> Result<(), String> {
    let ended_us = tried.ended_us.unwrap_or(u64::MAX);
    let leases = evidence.truth.leases.iter();
    let is_its_lease = |lease: &&LandedLease| {
        (lease.shard, lease.epoch, lease.node) == (shard.shard, shard.epoch, tried.node.into())
    };
    if !leases
        .filter(is_its_lease)
        .any(|lease| lease.at_us <= ended_us)
    {
        return Err("the node never had this lease".to_owned());
    }
    if shard.committed_seq > shard.last_seq || shard.checkpoint_seq > shard.committed_seq {
        return Err("the log ends before what it should hold".to_owned());
    }
    let log = evidence.ledger.shards.get(&shard.shard);
    let landed = log.map_or(&[][..], Vec::as_slice);
    let landed = &landed[..landed.partition_point(|placed| placed.at_us() <= ended_us)];
    let newest = landed.last().map_or(0, |placed| placed.event.seq);
    if shard.committed_seq > newest {
        return Err(format!("only {newest} events had landed"));
    }
    let hunts: BTreeSet<_> = landed.iter().map(|placed| &placed.event.hunt).collect();
    let undecided = shard.last_seq - shard.committed_seq;
    if shard.hunts > hunts.len() as u64 + undecided {
        return Err(format!("only {} hunts had been made", hunts.len()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{adds_up, check};
    use crate::oracle::fixture::Fixture;
    use node::Histogram;

    #[test]
    fn is_content_with_a_sound_run() {
        let mut run = Fixture::played();
        run.look_at_status();
        run.passes(check);
    }

    #[test]
    fn sees_commands_without_an_outcome() {
        let mut run = Fixture::played();
        run.look_at_status().commands += 1;
        run.fails(check, "commands, but");
    }

    #[test]
    fn sees_a_shard_that_is_not_listed() {
        let mut run = Fixture::played();
        run.look_at_status().shards.pop();
        run.fails(check, "lists the shards");
    }

    #[test]
    fn sees_an_epoch_that_was_never_given() {
        let mut run = Fixture::played();
        run.look_at_status().shards[0].epoch += 1;
        run.fails(check, "never had this lease");
    }

    #[test]
    fn sees_events_that_never_landed() {
        let mut run = Fixture::played();
        let shard = &mut run.look_at_status().shards[0];
        (shard.last_seq, shard.committed_seq) = (100, 100);
        run.fails(check, "had landed");
    }

    #[test]
    fn a_histogram_adds_up() {
        let mut histogram = Histogram::default();
        for value in [0, 1, 2, 3, 1_000, u64::MAX / 4] {
            histogram.record(value);
            assert_eq!(adds_up(&histogram), Ok(()), "{value}");
        }
        histogram.buckets[3] += 1;
        assert!(adds_up(&histogram).is_err());
    }
}
