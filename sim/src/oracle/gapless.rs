//! Each shard's log counts without gaps, and the global order has each batch once, where its commit was.

use std::collections::BTreeMap;

use hunt::{Seq, ShardId};

use super::{Evidence, failure};
use crate::outcome::Failure;
use crate::truth::{LandedBatch, OrderEntry};

const ORACLE: &str = "gapless";

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let mut last: BTreeMap<ShardId, Seq> = BTreeMap::new();
    for batch in &evidence.truth.batches {
        let last = last.entry(batch.shard).or_default();
        follows(batch, last)?;
    }
    for (hunt, log) in evidence.ledger.hunts() {
        // All that folds a hunt relies on this.
        if log.salt().is_none() {
            let detail = format!("the first event of hunt {hunt} does not make it");
            return Err(failure(ORACLE, 0, detail));
        }
    }
    check_order(evidence)
}

/// The batch goes on right after the last sequence of its shard.
fn follows(batch: &LandedBatch, last: &mut Seq) -> Result<(), Failure> {
    if batch.events.is_empty() {
        let detail = format!("shard {}: an empty batch after {last}", batch.shard);
        return Err(failure(ORACLE, batch.at_us, detail));
    }
    for event in &batch.events {
        if event.seq != *last + 1 {
            let detail = format!(
                "shard {}: event {} landed right after {last}, not {}",
                batch.shard,
                event.seq,
                *last + 1
            );
            return Err(failure(ORACLE, batch.at_us, detail));
        }
        *last = event.seq;
    }
    Ok(())
}

fn check_order(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let (batches, order) = (&evidence.truth.batches, &evidence.truth.order);
    for (batch, entry) in batches.iter().zip(order) {
        if !is_entry_of(entry, batch) {
            let detail = format!(
                "the global order has {entry:?} where batch {} of shard {} was committed at {:?}",
                first_seq(batch),
                batch.shard,
                batch.stamp
            );
            return Err(failure(ORACLE, batch.at_us, detail));
        }
    }
    if batches.len() != order.len() {
        let detail = format!(
            "the global order has {} entries for {} batches",
            order.len(),
            batches.len()
        );
        return Err(failure(ORACLE, 0, detail));
    }
    Ok(())
}

fn is_entry_of(entry: &OrderEntry, batch: &LandedBatch) -> bool {
    entry.stamp == batch.stamp.0
        && entry.shard == batch.shard
        && entry.first_seq == first_seq(batch)
        && usize::try_from(entry.count) == Ok(batch.events.len())
}

fn first_seq(batch: &LandedBatch) -> Seq {
    batch.events.first().map_or(0, |event| event.seq)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;

    #[test]
    fn is_content_with_a_sound_run() {
        Fixture::played().passes(check);
    }

    #[test]
    fn sees_a_lost_batch() {
        let mut run = Fixture::played();
        run.truth.batches.remove(2);
        run.truth.order.remove(2);
        run.fails(check, "landed right after");
    }

    #[test]
    fn sees_a_batch_that_landed_twice() {
        let mut run = Fixture::played();
        let twice = run.truth.batches[2].clone();
        run.truth.batches.insert(3, twice);
        run.fails(check, "landed right after");
    }

    #[test]
    fn sees_a_batch_that_the_order_lists_twice() {
        let mut run = Fixture::played();
        let mut twice = run.truth.order[1];
        twice.stamp[9] += 1;
        run.truth.order.insert(2, twice);
        run.fails(check, "the global order has");
    }

    #[test]
    fn sees_a_batch_that_the_order_lacks() {
        let mut run = Fixture::played();
        run.truth.order.pop();
        run.fails(check, "entries for");
    }
}
