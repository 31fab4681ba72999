//! Reads single keys and values of a store, for tools and tests that look at what commits did.

use hunt::{Event, Seq, ShardId, decode_events};

use crate::keys::Keys;
use crate::record::{self, decode_batch};

/// What one key of a store is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One chunk of a batch of events.
    BatchChunk {
        /// The shard.
        shard: ShardId,
        /// Sequence of the batch's first event.
        first_seq: Seq,
        /// Which chunk, from 0.
        chunk: u64,
    },
    /// A shard's lease.
    Lease {
        /// The shard.
        shard: ShardId,
    },
    /// A node's heartbeat.
    Heartbeat {
        /// The node.
        node: u64,
    },
    /// A batch's place in the global order.
    Order {
        /// Versionstamp of the batch's commit.
        stamp: [u8; 10],
    },
    /// Anything else.
    Other,
}

/// A batch of events, as it is stored.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Epoch of the owner that wrote it.
    pub epoch: u64,
    /// How many events its header counts.
    pub count: u32,
    /// Its events, in order of sequence.
    pub events: Vec<Event>,
}

/// The right to write a shard, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Grows with every new owner.
    pub epoch: u64,
    /// The owner's node.
    pub node: u64,
    /// The owner gave it up.
    pub released: bool,
}

/// One beat of a node. A beat whose first try had an unknown result may be written twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// The node's membership.
    pub member: u32,
    /// Grows with every beat.
    pub counter: u64,
}

/// A batch's place in the global order, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// The batch's shard.
    pub shard: ShardId,
    /// Sequence of its first event.
    pub first_seq: Seq,
    /// How many events.
    pub count: u32,
}

/// Bytes that are not what their key says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value is not {expected}: {detail}")]
pub struct InspectError {
    expected: &'static str,
    detail: String,
}

/// Reads keys and values under one prefix.
#[derive(Clone, Debug)]
pub struct Inspector {
    keys: Keys,
    logs: Vec<u8>,
    leases: Vec<u8>,
    heartbeats: Vec<u8>,
    order: Vec<u8>,
}

impl Inspector {
    /// For the store whose keys begin with `prefix`.
    pub fn new(prefix: &[u8]) -> Self {
        let keys = Keys::new(prefix);
        Self {
            logs: keys.all_of("log"),
            leases: keys.all_of("lease"),
            heartbeats: keys.all_of("node"),
            order: keys.all_of("all"),
            keys,
        }
    }

    /// Every key of the logs begins with this.
    pub fn logs(&self) -> Vec<u8> {
        self.logs.clone()
    }

    /// Every key of a lease begins with this.
    pub fn leases(&self) -> Vec<u8> {
        self.leases.clone()
    }

    /// Every key of a heartbeat begins with this.
    pub fn heartbeats(&self) -> Vec<u8> {
        self.heartbeats.clone()
    }

    /// Every key of the global order begins with this.
    pub fn order(&self) -> Vec<u8> {
        self.order.clone()
    }

    /// Every key of a player's row begins with this.
    pub fn players(&self) -> Vec<u8> {
        self.keys.all_of("player")
    }

    /// Every key of a hunt's row begins with this.
    pub fn hunts(&self) -> Vec<u8> {
        self.keys.all_of("hunt")
    }

    /// What the key is for.
    pub fn kind(&self, key: &[u8]) -> Kind {
        let kind = if key.starts_with(&self.logs) {
            let found = self.keys.unpack_log(key).ok();
            found.map(|(shard, first_seq, chunk)| Kind::BatchChunk {
                shard,
                first_seq,
                chunk,
            })
        } else if key.starts_with(&self.leases) {
            let found = self.keys.unpack_lease(key).ok();
            found.map(|shard| Kind::Lease { shard })
        } else if key.starts_with(&self.heartbeats) {
            let found = self.keys.unpack_node(key).ok();
            found.map(|node| Kind::Heartbeat { node: node.0 })
        } else if key.starts_with(&self.order) {
            let found = self.keys.unpack_feed(key).ok();
            found.map(|stamp| Kind::Order { stamp })
        } else {
            None
        };
        kind.unwrap_or(Kind::Other)
    }
}

/// The batch that these chunks, joined in order, hold.
pub fn read_batch(bytes: &[u8]) -> Result<Batch, InspectError> {
    let fails = |detail: String| InspectError {
        expected: "a batch of events",
        detail,
    };
    let (header, events) = decode_batch(bytes).map_err(|error| fails(error.to_string()))?;
    let events =
        decode_events(header.first_seq, events).map_err(|error| fails(error.to_string()))?;
    Ok(Batch {
        epoch: header.epoch,
        count: header.count,
        events,
    })
}

/// The lease that `bytes` hold.
pub fn read_lease(bytes: &[u8]) -> Result<Lease, InspectError> {
    let lease: record::Lease = read(bytes, "a lease")?;
    Ok(Lease {
        epoch: lease.epoch,
        node: lease.node,
        released: lease.released,
    })
}

/// The beat that `bytes` hold.
pub fn read_heartbeat(bytes: &[u8]) -> Result<Beat, InspectError> {
    let heartbeat: record::Heartbeat = read(bytes, "a heartbeat")?;
    Ok(Beat {
        member: heartbeat.incarnation,
        counter: heartbeat.counter,
    })
}

/// The place in the global order that `bytes` hold.
pub fn read_order(bytes: &[u8]) -> Result<Order, InspectError> {
    let entry: record::FeedEntry = read(bytes, "a place in the global order")?;
    Ok(Order {
        shard: entry.shard,
        first_seq: entry.first_seq,
        count: entry.count,
    })
}

/// The record that `bytes` hold.
fn read<T: bincode::Decode<()>>(bytes: &[u8], expected: &'static str) -> Result<T, InspectError> {
    record::decode(bytes).map_err(|error| InspectError {
        expected,
        detail: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_are_told_apart() {
        let (inspector, keys) = (Inspector::new(b"p"), Keys::new(b"p"));
        let log = keys.batch(3, 17, 2);
        assert!(log.starts_with(&inspector.logs()));
        let chunk = Kind::BatchChunk {
            shard: 3,
            first_seq: 17,
            chunk: 2,
        };
        assert_eq!(inspector.kind(&log), chunk);
        let lease = keys.lease(5);
        assert!(lease.starts_with(&inspector.leases()));
        assert_eq!(inspector.kind(&lease), Kind::Lease { shard: 5 });
        assert_eq!(inspector.kind(&keys.checkpoint(5)), Kind::Other);
        assert_eq!(inspector.kind(b"elsewhere"), Kind::Other);

        let stored = record::Lease {
            epoch: 4,
            node: 2,
            incarnation: 9,
            released: false,
        };
        let read = Lease {
            epoch: 4,
            node: 2,
            released: false,
        };
        let bytes = record::encode(&stored);
        assert_eq!(read_lease(&bytes), Ok(read));
        let wrong = read_batch(&bytes).expect_err("a lease is no batch");
        assert!(wrong.to_string().contains("a batch of events"), "{wrong}");
    }
}
