//! The global order against the logs: every batch exactly once, and each shard's batches in their order.

use std::collections::BTreeMap;

use hunt::{Seq, ShardId};
use store::RangeRead;

use super::report::{FaultKind, VerifyReport};
use super::{VerifyError, page};
use crate::keys::Keys;
use crate::record::{self, BatchHeader, FeedEntry};
use crate::{FeedPosition, Host};

/// The batches of all logs that the global order was not seen to hold yet.
#[derive(Default)]
pub(super) struct Batches {
    counts: BTreeMap<(ShardId, Seq), u32>,
}

impl Batches {
    /// A log holds this batch.
    pub(super) fn stored(&mut self, shard: ShardId, header: &BatchHeader) {
        self.counts.insert((shard, header.first_seq), header.count);
    }
}

/// Reads the whole global order and compares.
pub(super) async fn verify_feed<H: Host>(
    host: &H,
    keys: &Keys,
    batches: Batches,
    report: &mut VerifyReport,
) -> Result<(), VerifyError> {
    let mut missing = batches.counts;
    let mut last: BTreeMap<ShardId, Seq> = BTreeMap::new();
    let mut read = Some(RangeRead::of(&keys.feed_from(&FeedPosition::default())));
    while let Some(this) = read {
        let rows = page(host, &this).await?;
        for (key, value) in &rows.rows {
            match record::decode::<FeedEntry>(value) {
                Ok(entry) => verify_entry(&entry, &mut missing, &mut last, report),
                Err(error) => report.fault(
                    FaultKind::Corrupt,
                    0,
                    0,
                    format!("the global order at {}: {error}", key.escape_ascii()),
                ),
            }
        }
        read = this.next(&rows);
    }
    for ((shard, first_seq), _) in missing {
        report.fault(
            FaultKind::Feed,
            shard,
            first_seq,
            "the batch is in the log, not in the global order".to_owned(),
        );
    }
    Ok(())
}

fn verify_entry(
    entry: &FeedEntry,
    missing: &mut BTreeMap<(ShardId, Seq), u32>,
    last: &mut BTreeMap<ShardId, Seq>,
    report: &mut VerifyReport,
) {
    let FeedEntry {
        shard,
        first_seq,
        count,
    } = *entry;
    let before = last.insert(shard, first_seq);
    if before.is_some_and(|before| before >= first_seq) {
        report.fault(
            FaultKind::Feed,
            shard,
            first_seq,
            "the global order has the shard's batches out of order, or twice".to_owned(),
        );
    }
    match missing.remove(&(shard, first_seq)) {
        Some(stored) if stored == count => {}
        Some(stored) => {
            let detail = format!("the global order says {count} events, the log has {stored}");
            report.fault(FaultKind::Feed, shard, first_seq, detail);
        }
        None if before != Some(first_seq) => {
            report.fault(
                FaultKind::Feed,
                shard,
                first_seq,
                "the batch is in the global order, not in the log".to_owned(),
            );
        }
        None => {}
    }
}
