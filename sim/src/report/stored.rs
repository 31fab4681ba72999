//! What reached the store: batches as marks, leases as bands.

use std::collections::BTreeMap;

use hunt::ShardId;
use sim::outcome::Outcome;
use sim::truth::LandedLease;

use super::data::Picture;
use super::lanes::Lanes;

/// Draws it.
pub(super) fn draw(picture: &mut Picture, lanes: &Lanes, outcome: &Outcome) {
    for batch in &outcome.truth.batches {
        let first = batch.events.first().map_or(0, |event| event.seq);
        let text = format!(
            "batch of shard {} from sequence {first}, {} events, epoch {}, by {}.{}",
            batch.shard,
            batch.events.len(),
            batch.epoch,
            batch.writer.0,
            batch.writer.1
        );
        picture.mark(lanes.shard(batch.shard), "batch", batch.at_us, text.clone());
        picture.mark(lanes.store(), "batch", batch.at_us, text);
    }
    leases(picture, lanes, outcome);
}

/// A lease lasts until the next one of its shard is written.
fn leases(picture: &mut Picture, lanes: &Lanes, outcome: &Outcome) {
    let mut held: BTreeMap<ShardId, &LandedLease> = BTreeMap::new();
    for lease in &outcome.truth.leases {
        if let Some(before) = held.insert(lease.shard, lease) {
            one(picture, lanes, before, lease.at_us);
        }
    }
    for lease in held.values() {
        one(picture, lanes, lease, outcome.simulated_us);
    }
}

fn one(picture: &mut Picture, lanes: &Lanes, lease: &LandedLease, end: u64) {
    let (kind, state) = match lease.released {
        true => ("released", "given up by"),
        false => ("lease", "held by"),
    };
    let text = format!(
        "shard {}: epoch {}, {state} node {}",
        lease.shard, lease.epoch, lease.node
    );
    picture.band(lanes.shard(lease.shard), kind, (lease.at_us, end), text);
}
