//! One writer per epoch; epochs grow; no batch by whoever had been replaced when it was committed.

use std::collections::BTreeMap;

use hunt::ShardId;

use super::{Evidence, failure};
use crate::outcome::Failure;
use crate::truth::{LandedBatch, LandedLease};

const ORACLE: &str = "one_writer";

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    let mut leases: BTreeMap<ShardId, LandedLease> = BTreeMap::new();
    let mut writers: BTreeMap<(ShardId, u64), (u16, u16)> = BTreeMap::new();
    let mut changes = evidence.truth.leases.iter().peekable();
    for batch in &evidence.truth.batches {
        while let Some(lease) = changes.next_if(|lease| lease.stamp < batch.stamp) {
            change(&mut leases, lease)?;
        }
        allowed(leases.get(&batch.shard), batch)?;
        let writer = *writers
            .entry((batch.shard, batch.epoch))
            .or_insert(batch.writer);
        if writer != batch.writer {
            let detail = format!(
                "{}: written by {:?}, but {writer:?} wrote in this epoch before",
                name(batch),
                batch.writer
            );
            return Err(failure(ORACLE, batch.at_us, detail));
        }
    }
    changes.try_for_each(|lease| change(&mut leases, lease))
}

/// A lease is taken by raising its epoch, repeated by its holder, or given up by its holder; nobody writes another's.
fn change(leases: &mut BTreeMap<ShardId, LandedLease>, lease: &LandedLease) -> Result<(), Failure> {
    let sound = match leases.insert(lease.shard, *lease) {
        None => !lease.released,
        Some(before) if lease.epoch == before.epoch => {
            before.node == lease.node && (lease.released || !before.released)
        }
        Some(before) => lease.epoch > before.epoch && !lease.released,
    };
    let problem = if !sound {
        "which does not follow from the one before".to_owned()
    } else if lease.node != u64::from(lease.writer.0) {
        format!("as {:?} wrote it", lease.writer)
    } else {
        return Ok(());
    };
    let detail = format!(
        "shard {}: the lease became epoch {} of node {} (released: {}), {problem}",
        lease.shard, lease.epoch, lease.node, lease.released
    );
    Err(failure(ORACLE, lease.at_us, detail))
}

fn allowed(lease: Option<&LandedLease>, batch: &LandedBatch) -> Result<(), Failure> {
    let problem = match lease {
        None => "nobody had a lease".to_owned(),
        Some(lease) if lease.released => "the lease had been given up".to_owned(),
        Some(lease) if lease.epoch != batch.epoch => format!("the lease had epoch {}", lease.epoch),
        Some(lease) if lease.node != u64::from(batch.writer.0) => {
            format!("node {} had the lease", lease.node)
        }
        Some(_) => return Ok(()),
    };
    let detail = format!(
        "{}: written by {:?}, but {problem}",
        name(batch),
        batch.writer
    );
    Err(failure(ORACLE, batch.at_us, detail))
}

fn name(batch: &LandedBatch) -> String {
    let first = batch.events.first().map_or(0, |event| event.seq);
    format!(
        "shard {}, batch {first} of epoch {}",
        batch.shard, batch.epoch
    )
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;

    #[test]
    fn is_content_with_a_sound_run() {
        let mut run = Fixture::played();
        run.take_over(2);
        run.claim("zoe", "coin");
        run.passes(check);
    }

    #[test]
    fn sees_a_write_of_the_replaced_owner() {
        let mut run = Fixture::played();
        run.take_over(2);
        run.claim("zoe", "coin");
        let last = run.truth.batches.last_mut().unwrap();
        (last.epoch, last.writer) = (1, (1, 0));
        run.fails(check, "the lease had epoch 2");
    }

    #[test]
    fn sees_two_writers_in_one_epoch() {
        let mut run = Fixture::played();
        run.truth.batches.last_mut().unwrap().writer = (1, 1);
        run.fails(check, "wrote in this epoch before");
    }

    #[test]
    fn sees_a_write_without_a_lease() {
        let mut run = Fixture::played();
        run.truth.leases.clear();
        run.fails(check, "nobody had a lease");
    }

    #[test]
    fn sees_an_epoch_that_shrinks() {
        let mut run = Fixture::played();
        run.take_over(2);
        run.truth.leases.last_mut().unwrap().epoch = 0;
        run.fails(check, "does not follow");
    }

    #[test]
    fn sees_a_lease_given_up_by_somebody_else() {
        let mut run = Fixture::played();
        run.release();
        run.truth.leases.last_mut().unwrap().writer = (2, 0);
        run.fails(check, "as (2, 0) wrote it");
    }

    #[test]
    fn sees_a_write_after_the_release() {
        let mut run = Fixture::played();
        run.release();
        run.claim("zoe", "coin");
        run.fails(check, "given up");
    }
}
