//! The fold of one shard's log: what the rows must agree with.

use std::collections::BTreeMap;

use hunt::{Event, EventBody, HuntId, HuntState, PlayerId, PlayerState, Seq, ShardId};

use super::ledger::Ledger;
use super::report::{FaultKind, VerifyReport};
use crate::log::StoredBatch;

/// A player as the log says.
#[derive(Default)]
pub(super) struct Folded {
    /// After the last event.
    pub(super) state: PlayerState,
    /// The first event.
    pub(super) first_seq: Seq,
    /// Events after the checkpoint: a row may lack them.
    pub(super) tail: Vec<Event>,
    /// A row was found.
    pub(super) has_row: bool,
}

/// A hunt as the log says.
pub(super) struct FoldedHunt {
    /// After the last event.
    pub(super) state: HuntState,
    /// The event that made it.
    pub(super) first_seq: Seq,
    /// Events after the checkpoint: a row may lack them.
    pub(super) tail: Vec<Event>,
    /// Its players.
    pub(super) players: BTreeMap<PlayerId, Folded>,
    ledger: Ledger,
}

/// The state of a shard, event by event.
pub(super) struct Fold {
    shard: ShardId,
    checkpoint_seq: Seq,
    lease_epoch: u64,
    last: Position,
    hunts: BTreeMap<HuntId, FoldedHunt>,
}

#[derive(Default)]
struct Position {
    seq: Seq,
    epoch: u64,
    at: u64,
}

impl Fold {
    /// An empty shard.
    pub(super) fn new(shard: ShardId, checkpoint_seq: Seq, lease_epoch: u64) -> Self {
        Self {
            shard,
            checkpoint_seq,
            lease_epoch,
            last: Position::default(),
            hunts: BTreeMap::new(),
        }
    }

    /// The last sequence that was folded.
    pub(super) fn last_seq(&self) -> Seq {
        self.last.seq
    }

    /// Up to where every row must reflect the log.
    pub(super) fn checkpoint_seq(&self) -> Seq {
        self.checkpoint_seq
    }

    /// The hunts.
    pub(super) fn hunts(self) -> BTreeMap<HuntId, FoldedHunt> {
        self.hunts
    }

    /// Folds one batch.
    pub(super) fn batch(&mut self, batch: StoredBatch, report: &mut VerifyReport) {
        let (shard, header) = (self.shard, batch.header);
        report.batches += 1;
        if header.first_seq != self.last.seq + 1 {
            let detail = format!(
                "after sequence {} comes {}",
                self.last.seq, header.first_seq
            );
            report.fault(FaultKind::Gap, shard, header.first_seq, detail);
        }
        if header.epoch < self.last.epoch || header.epoch > self.lease_epoch {
            let detail = format!(
                "epoch {} after epoch {}; the lease is at {}",
                header.epoch, self.last.epoch, self.lease_epoch
            );
            report.fault(FaultKind::Epoch, shard, header.first_seq, detail);
        }
        self.last.epoch = header.epoch;
        for event in batch.events {
            if event.at.0 < self.last.at {
                report.fault(
                    FaultKind::Time,
                    shard,
                    event.seq,
                    format!("{} ms after {} ms", event.at.0, self.last.at),
                );
            }
            (self.last.seq, self.last.at) = (event.seq, event.at.0);
            self.event(event, report);
        }
    }

    fn event(&mut self, event: Event, report: &mut VerifyReport) {
        report.events += 1;
        let shard = self.shard;
        let Some(hunt) = hunt(&mut self.hunts, &event) else {
            return report.fault(
                FaultKind::Unknown,
                shard,
                event.seq,
                format!("hunt {} was not made before", event.hunt),
            );
        };
        hunt.ledger
            .event(shard, &event, hunt.state.definition(), report);
        hunt.state.apply(&event);
        let is_tail = event.seq > self.checkpoint_seq;
        if let Some(player) = event.body.player() {
            let folded = hunt
                .players
                .entry(player.clone())
                .or_insert_with(|| Folded {
                    first_seq: event.seq,
                    ..Folded::default()
                });
            folded.state.apply(&event);
            if is_tail {
                folded.tail.push(event.clone());
            }
        }
        if is_tail {
            hunt.tail.push(event);
        }
    }

    /// Adds up.
    pub(super) fn finish(&self, report: &mut VerifyReport) {
        if self.checkpoint_seq > self.last.seq {
            let detail = format!(
                "the checkpoint is at {}, the log ends at {}",
                self.checkpoint_seq, self.last.seq
            );
            report.fault(FaultKind::Gap, self.shard, self.last.seq, detail);
        }
        for hunt in self.hunts.values() {
            report.players += hunt
                .players
                .values()
                .filter(|player| player.state.joined_at().is_some())
                .count() as u64;
            hunt.ledger.finish(self.shard, &hunt.state, report);
        }
    }
}

/// The hunt of the event, made by it if it is new; none if it should have been made before.
fn hunt<'a>(
    hunts: &'a mut BTreeMap<HuntId, FoldedHunt>,
    event: &Event,
) -> Option<&'a mut FoldedHunt> {
    let makes = matches!(event.body, EventBody::Put { .. });
    if !makes {
        return hunts.get_mut(&event.hunt);
    }
    let made = || FoldedHunt {
        state: HuntState::created(event),
        first_seq: event.seq,
        tail: Vec::new(),
        players: BTreeMap::new(),
        ledger: Ledger::default(),
    };
    Some(hunts.entry(event.hunt.clone()).or_insert_with(made))
}
