//! What a check found.

use hunt::{Seq, ShardId};
use serde::Serialize;

/// Faults that a report names; more are only counted.
const FAULTS_NAMED_MAX: usize = 1_000;

/// The outcome of a check.
#[derive(Clone, Debug, Default, Serialize)]
pub struct VerifyReport {
    /// Shards of the store.
    pub shards: u64,
    /// Events in all logs.
    pub events: u64,
    /// Players who joined, counted per hunt.
    pub players: u64,
    /// Treasures granted.
    pub grants: u64,
    /// Batches in all logs.
    pub batches: u64,
    /// Rows compared with the fold of the log.
    pub rows: u64,
    /// Faults in all, named or not.
    pub faults_found: u64,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Of which kind.
    pub kind: FaultKind,
    /// In which shard.
    pub shard: ShardId,
    /// At or after which sequence.
    pub seq: Seq,
    /// What exactly.
    pub detail: String,
}

/// Kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Bytes can't be read: a checksum or an encoding is wrong.
    Corrupt,
    /// Sequences are missing or doubled.
    Gap,
    /// A batch of an older epoch follows one of a newer, or is newer than the lease.
    Epoch,
    /// Time runs back.
    Time,
    /// An event belongs to a hunt that was never made, or names a clue or treasure that it does not have.
    Unknown,
    /// More was granted than there was.
    Oversold,
    /// A player was granted more than one may have, or solved a clue twice.
    DoubleGrant,
    /// One request took effect twice.
    Repeated,
    /// A first-to-solve treasure did not go to the first.
    NotFirst,
    /// A row is not what the log says.
    Row,
    /// The global order lacks a batch, has one twice, or has a shard's batches out of order.
    Feed,
}

impl VerifyReport {
    /// Notes a fault.
    pub(crate) fn fault(&mut self, kind: FaultKind, shard: ShardId, seq: Seq, detail: String) {
        self.faults_found += 1;
        if self.faults.len() < FAULTS_NAMED_MAX {
            self.faults.push(Fault {
                kind,
                shard,
                seq,
                detail,
            });
        }
    }

    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.faults_found == 0
    }
}
