//! Damage to what is stored, done on purpose once a run is over, to see that `node::verify` notices it: a checker that is
//! content with everything proves nothing.

use std::rc::Rc;

use hunt::ShardId;
use node::inspect::{Inspector, Kind};
use node::verify::{FaultKind, verify};
use node::{Host, Settings};
use store::{KeyRange, RangeRead, Store, StoreError, Transaction, rows_all};

use super::host::SimHost;
use super::world::World;
use crate::draw::Chance;

/// Bytes that one read asks for.
const READ_BYTES: usize = 1 << 20;

/// What can be done to a store.
#[derive(Clone, Copy, Debug)]
enum Damage {
    /// A bit of a value is flipped.
    FlippedBit,
    /// A batch of a log is gone.
    LostBatch,
    /// A batch is not in the global order.
    LostOrder,
    /// A player's or hunt's row is gone, or a piece of one that is too long for one value.
    LostRow,
    /// Two players have each other's row.
    SwappedRows,
    /// A lease is gone, and with it the newest epoch.
    LostLease,
}

const ALL: [Damage; 6] = [
    Damage::FlippedBit,
    Damage::LostBatch,
    Damage::LostOrder,
    Damage::LostRow,
    Damage::SwappedRows,
    Damage::LostLease,
];

type Row = (Vec<u8>, Vec<u8>);

impl World {
    /// Damages the store and verifies it; says so if that goes unnoticed. The store must be sound and not in use.
    pub(crate) async fn damage(self: Rc<Self>) -> Option<String> {
        let host = self.onlooker();
        let mut chance = Chance::new(self.plan.seed).fork(u64::MAX);
        let damage = *chance.pick(&ALL);
        let done = match apply(&host, damage, &mut chance).await {
            Ok(done) => done?,
            Err(error) => return Some(format!("the store can't be damaged: {error}")),
        };
        let prefix = Settings::default().prefix;
        let found = match verify(&host, &prefix).await {
            Ok(report) => report.faults,
            // What can't even be read is noticed as well.
            Err(_) => return None,
        };
        let is_seen = found
            .iter()
            .any(|fault| expected(damage).contains(&fault.kind));
        (!is_seen).then(|| format!("{damage:?} of {done} goes unnoticed: {found:?}"))
    }
}

fn expected(damage: Damage) -> &'static [FaultKind] {
    match damage {
        Damage::FlippedBit => &[FaultKind::Corrupt],
        Damage::LostBatch => &[FaultKind::Gap, FaultKind::Feed],
        Damage::LostOrder => &[FaultKind::Feed],
        Damage::LostRow => &[FaultKind::Row, FaultKind::Corrupt],
        Damage::SwappedRows => &[FaultKind::Row],
        Damage::LostLease => &[FaultKind::Epoch],
    }
}

/// Does it, and says to what; none if there is nothing of the kind.
async fn apply(
    host: &SimHost,
    damage: Damage,
    chance: &mut Chance,
) -> Result<Option<String>, StoreError> {
    let transaction = host.store().begin();
    let prefix = Settings::default().prefix;
    let read = RangeRead::of(&KeyRange::prefix(&prefix)).bytes_target(READ_BYTES);
    let rows = rows_all(&transaction, &read, true).await?;
    let inspector = Inspector::new(&prefix);
    let of = |is: &dyn Fn(Kind) -> bool| -> Vec<&Row> {
        rows.iter()
            .filter(|(key, _)| is(inspector.kind(key)))
            .collect()
    };
    let done = match damage {
        Damage::FlippedBit => {
            // What nodes say of themselves is gone with the next beat.
            let is_kept = |kind| !matches!(kind, Kind::Other | Kind::Heartbeat { .. });
            let values = of(&is_kept);
            let row = pick(chance, &values);
            row.map(|row| flip(&transaction, chance, row))
        }
        Damage::LostBatch => {
            let first_chunk = |kind| matches!(kind, Kind::BatchChunk { chunk: 0, .. });
            let row = pick(chance, &of(&first_chunk));
            row.map(|(key, _)| lose(&transaction, key))
        }
        Damage::LostOrder => {
            let row = pick(chance, &of(&|kind| matches!(kind, Kind::Order { .. })));
            row.map(|(key, _)| lose(&transaction, key))
        }
        Damage::LostLease => {
            // Of a shard that has events: without any there is no epoch to compare with.
            let has_log = |of: ShardId| {
                let is_its = |kind| matches!(kind, Kind::BatchChunk { shard, .. } if shard == of);
                rows.iter().any(|(key, _)| is_its(inspector.kind(key)))
            };
            let is_used = |kind| matches!(kind, Kind::Lease { shard } if has_log(shard));
            let row = pick(chance, &of(&is_used));
            row.map(|(key, _)| lose(&transaction, key))
        }
        Damage::LostRow => {
            let mut written = players(&inspector, &rows);
            written.extend(hunts(&inspector, &rows));
            let row = pick(chance, &written);
            row.map(|(key, _)| lose(&transaction, key))
        }
        Damage::SwappedRows => {
            let players = players(&inspector, &rows);
            match (pick(chance, &players), pick(chance, &players)) {
                (Some(one), Some(other)) if one.1 != other.1 => {
                    transaction.set(&one.0, &other.1);
                    transaction.set(&other.0, &one.1);
                    Some(one.0.escape_ascii().to_string())
                }
                _ => None,
            }
        }
    };
    transaction.commit().await?;
    Ok(done)
}

fn pick<'a>(chance: &mut Chance, of: &[&'a Row]) -> Option<&'a Row> {
    (!of.is_empty()).then(|| *chance.pick(of))
}

fn players<'a>(inspector: &Inspector, rows: &'a [Row]) -> Vec<&'a Row> {
    let prefix = inspector.players();
    rows.iter()
        .filter(|(key, _)| key.starts_with(&prefix))
        .collect()
}

fn hunts<'a>(inspector: &Inspector, rows: &'a [Row]) -> Vec<&'a Row> {
    let prefix = inspector.hunts();
    rows.iter()
        .filter(|(key, _)| key.starts_with(&prefix))
        .collect()
}

fn flip(transaction: &impl Transaction, chance: &mut Chance, (key, value): &Row) -> String {
    let mut flipped = value.clone();
    let at = chance.below(flipped.len() as u64) as usize;
    if let Some(byte) = flipped.get_mut(at) {
        *byte ^= 1 << chance.below(8);
    }
    transaction.set(key, &flipped);
    format!("byte {at} at {}", key.escape_ascii())
}

fn lose(transaction: &impl Transaction, key: &[u8]) -> String {
    transaction.clear(key);
    key.escape_ascii().to_string()
}
