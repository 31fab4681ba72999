//! Checking a whole store, offline: folds the log from its first event and compares everything else with that.
//!
//! ```text
//! log of a shard ─▶ batches: checksums, gaps, epochs, time ─▶ ledger: stock, grants, repetition
//!                                                          └▶ fold: hunts and players ─▶ rows must agree
//! global order   ─▶ every batch once, shards in order
//! ```

mod feed;
mod fold;
mod ledger;
mod report;
mod rows;

use hunt::ShardId;
use store::Transaction;

use crate::Host;
use crate::format::stored_shards;
use crate::keys::Keys;
use crate::lease::read_lease;
use crate::log::{batch_start, read_batches};
use crate::retry::{TransactError, transact};
use crate::rows::read_checkpoint;
use feed::Batches;
use fold::Fold;

pub use report::{Fault, FaultKind, VerifyReport};

/// A store that can't even be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the store could not be read: {0}")]
pub struct VerifyError(String);

/// Checks all that is stored under `prefix`. Nothing is written. Takes memory for every player of the biggest shard.
pub async fn verify<H: Host>(host: &H, prefix: &[u8]) -> Result<VerifyReport, VerifyError> {
    let keys = Keys::new(prefix);
    let mut report = VerifyReport::default();
    let (shards, _) = transact(host, async |transaction, _| {
        stored_shards(transaction, &keys).await
    })
    .await
    .map_err(|error| VerifyError(error.to_string()))?;
    let mut batches = Batches::default();
    for shard in 0..shards.unwrap_or(0) {
        report.shards += 1;
        verify_shard(host, &keys, shard, &mut batches, &mut report).await?;
    }
    feed::verify_feed(host, &keys, batches, &mut report).await?;
    Ok(report)
}

async fn verify_shard<H: Host>(
    host: &H,
    keys: &Keys,
    shard: ShardId,
    batches: &mut Batches,
    report: &mut VerifyReport,
) -> Result<(), VerifyError> {
    let (head, _) = match transact(host, async |transaction, _| {
        let lease = read_lease(transaction, keys, shard).await?;
        Ok((
            read_checkpoint(transaction, keys, shard).await?,
            lease.map_or(0, |lease| lease.epoch),
        ))
    })
    .await
    {
        Ok(head) => head,
        Err(error) => return note(report, shard, 0, error),
    };
    let (checkpoint, epoch) = head;
    let mut fold = Fold::new(shard, checkpoint.seq, epoch);
    if let Err((seq, error)) = fold_log(host, keys, shard, &mut fold, batches, report).await {
        return note(report, shard, seq, error);
    }
    fold.finish(report);
    rows::verify_rows(host, keys, shard, fold, report).await
}

/// Folds the log; on an error also says up to which sequence it was good.
async fn fold_log<H: Host>(
    host: &H,
    keys: &Keys,
    shard: ShardId,
    fold: &mut Fold,
    batches: &mut Batches,
    report: &mut VerifyReport,
) -> Result<(), (u64, TransactError)> {
    let start = transact(host, async |transaction, _| {
        batch_start(transaction, keys, shard, 1).await
    })
    .await;
    let (start, _) = start.map_err(|error| (0, error))?;
    let Some(mut next) = start else { return Ok(()) };
    loop {
        let read = transact(host, async |transaction, _| {
            read_batches(host, transaction, keys, shard, next).await
        })
        .await;
        let (page, _) = read.map_err(|error| (fold.last_seq(), error))?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        next = last.header.last_seq() + 1;
        for batch in page {
            batches.stored(shard, &batch.header);
            fold.batch(batch, report);
        }
    }
}

/// Corruption is a finding; a store that fails is the end.
fn note(
    report: &mut VerifyReport,
    shard: ShardId,
    seq: u64,
    error: TransactError,
) -> Result<(), VerifyError> {
    match error {
        TransactError::Corrupt(detail) => {
            report.fault(FaultKind::Corrupt, shard, seq, detail);
            Ok(())
        }
        TransactError::Fenced { .. } | TransactError::Store(_) => {
            Err(VerifyError(error.to_string()))
        }
    }
}

/// Reads with snapshot isolation, page by page; the store is not in use, so pages agree.
async fn page<H: Host>(host: &H, read: &store::RangeRead) -> Result<store::Rows, VerifyError> {
    let (rows, _) = transact(host, async |transaction, _| {
        Ok(transaction.get_range(read, true).await?)
    })
    .await
    .map_err(|error| VerifyError(error.to_string()))?;
    Ok(rows)
}
