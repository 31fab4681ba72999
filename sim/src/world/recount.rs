//! Takes the truth from the database: what each commit did to the logs and leases, and what is stored at the end.

use std::collections::BTreeMap;
use std::rc::Rc;

use hunt::{Event, ShardId};
use node::inspect::{self, Inspector, Kind};
use node::{EventLog, Host, Settings};
use store::{KeyRange, Mutation, RangeRead, Store, StoreError, Transaction, rows_all};
use store_sim::Landing;

use super::world::World;
use crate::truth::{LandedBatch, LandedHeartbeat, LandedLease, OrderEntry, Truth};

/// Bytes of the global order that one read asks for.
const READ_BYTES: usize = 1 << 20;

impl World {
    /// From now on what commits do is kept.
    pub(crate) fn watch_landings(&self) {
        let inspector = Inspector::new(&Settings::default().prefix);
        self.database.watch_landings(vec![
            inspector.logs(),
            inspector.leases(),
            inspector.heartbeats(),
        ]);
    }

    /// What has landed so far.
    pub(crate) fn recount(&self) -> Truth {
        let mut truth = Truth::default();
        let inspector = Inspector::new(&Settings::default().prefix);
        for landing in self.database.take_landings() {
            self.count_landing(&inspector, landing, &mut truth);
        }
        truth
    }

    fn count_landing(&self, inspector: &Inspector, landing: Landing, truth: &mut Truth) {
        let writer = landing
            .handle
            .map_or((0, 0), |handle| self.fates.owner(handle));
        let (stamp, at_us) = (landing.stamp, landing.at_us);
        let mut batches: BTreeMap<(ShardId, u64), Vec<u8>> = BTreeMap::new();
        for mutation in landing.mutations {
            if let Some((node, beat)) = heartbeat(inspector, &mutation) {
                match beat.map(inspect::read_heartbeat).transpose() {
                    Ok(beat) => truth.heartbeats.push(LandedHeartbeat {
                        at_us,
                        writer,
                        node,
                        beat,
                    }),
                    Err(error) => truth.faults.push(format!("node {node}: {error}")),
                }
                continue;
            }
            let Mutation::Set { key, value } = mutation else {
                let fault =
                    format!("{stamp:?} of {writer:?} changes the log or a lease by {mutation:?}");
                truth.faults.push(fault);
                continue;
            };
            match inspector.kind(&key) {
                Kind::BatchChunk {
                    shard, first_seq, ..
                } => {
                    batches.entry((shard, first_seq)).or_default().extend(value);
                }
                Kind::Lease { shard } => match inspect::read_lease(&value) {
                    Ok(lease) => truth.leases.push(LandedLease {
                        stamp,
                        at_us,
                        writer,
                        shard,
                        epoch: lease.epoch,
                        node: lease.node,
                        released: lease.released,
                    }),
                    Err(error) => truth
                        .faults
                        .push(format!("lease of shard {shard}: {error}")),
                },
                Kind::Heartbeat { .. } | Kind::Order { .. } | Kind::Other => {}
            }
        }
        for ((shard, first_seq), bytes) in batches {
            match inspect::read_batch(&bytes) {
                Ok(batch) => truth.batches.push(LandedBatch {
                    stamp,
                    at_us,
                    writer,
                    shard,
                    epoch: batch.epoch,
                    events: batch.events,
                }),
                Err(error) => {
                    let fault = format!("batch of shard {shard} at {first_seq}: {error}");
                    truth.faults.push(fault);
                }
            }
        }
    }

    /// The log as tools read it from a stopped store; says where it is not the one that landed.
    pub(crate) async fn compare_log(self: Rc<Self>, landed: Rc<Truth>) -> Result<(), String> {
        let mut logs: BTreeMap<ShardId, Vec<&Event>> = BTreeMap::new();
        for batch in &landed.batches {
            logs.entry(batch.shard).or_default().extend(&batch.events);
        }
        let mut right = logs
            .iter()
            .flat_map(|(shard, events)| events.iter().map(|event| (*shard, *event)));
        let host = self.onlooker();
        let opened = EventLog::open(&host, &Settings::default().prefix, None).await;
        let mut log = opened.map_err(|error| error.to_string())?;
        while let Some((shard, event)) = log.next().await.map_err(|error| error.to_string())? {
            let next = right.next();
            if next != Some((shard, &event)) {
                return Err(format!(
                    "the log of shard {shard} reads {event:?}, where {next:?} landed"
                ));
            }
        }
        match right.next() {
            None => Ok(()),
            Some((shard, event)) => Err(format!(
                "the log of shard {shard} ends before event {}",
                event.seq
            )),
        }
    }

    /// The global order as it is stored.
    pub(crate) async fn read_order(self: Rc<Self>) -> Result<Vec<OrderEntry>, String> {
        let inspector = Inspector::new(&Settings::default().prefix);
        let host = self.onlooker();
        let transaction = host.store().begin();
        let rows = rows_under(&transaction, &inspector.order()).await;
        let rows = rows.map_err(|error| format!("the global order can't be read: {error}"))?;
        rows.iter()
            .map(|(key, value)| order_entry(&inspector, key, value))
            .collect()
    }
}

/// The node whose heartbeat it changes, and what it becomes; none if it removes it.
fn heartbeat<'a>(inspector: &Inspector, mutation: &'a Mutation) -> Option<(u64, Option<&'a [u8]>)> {
    let (key, value) = match mutation {
        Mutation::Set { key, value } => (key, Some(&value[..])),
        Mutation::Clear { key } => (key, None),
        _ => return None,
    };
    match inspector.kind(key) {
        Kind::Heartbeat { node } => Some((node, value)),
        _ => None,
    }
}

async fn rows_under(
    transaction: &impl Transaction,
    prefix: &[u8],
) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
    let read = RangeRead::of(&KeyRange::prefix(prefix)).bytes_target(READ_BYTES);
    rows_all(transaction, &read, true).await
}

fn order_entry(inspector: &Inspector, key: &[u8], value: &[u8]) -> Result<OrderEntry, String> {
    let Kind::Order { stamp } = inspector.kind(key) else {
        return Err(format!("{} lies in the global order", key.escape_ascii()));
    };
    let order = inspect::read_order(value).map_err(|error| error.to_string())?;
    Ok(OrderEntry {
        stamp,
        shard: order.shard,
        first_seq: order.first_seq,
        count: order.count,
    })
}
