//! Where everything is stored: tuples under one prefix, readable by any FoundationDB tool.
//!
//! ```text
//! ("format")                               -> layout version, number of shards
//! ("node", node)                           -> that it lives
//! ("lease", shard)                         -> owner and epoch
//! ("log", shard, first_seq, chunk)         -> a batch of events, in chunks
//! ("all", versionstamp)                    -> (shard, first_seq, count): the one global order
//! ("checkpoint", shard)                    -> every row reflects the log up to here
//! ("hunt", shard, hunt, chunk)             -> a hunt's row, in chunks
//! ("player", shard, hunt, player)          -> a player's row
//! ```

use std::borrow::Cow;

use hunt::{HuntId, PlayerId, Seq, ShardId};
use store::keys::{KeyError, TupleVersionstamp};
use store::{AtomicOp, KeyRange, Keyspace, Transaction};

use crate::{FeedPosition, NodeId};

/// The key is of another kind.
#[derive(Debug)]
pub(crate) struct NotThisKey;

/// The key layout under one prefix.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    space: Keyspace,
}

impl Keys {
    /// All keys begin with `prefix`.
    pub(crate) fn new(prefix: &[u8]) -> Self {
        Self {
            space: Keyspace::new(prefix),
        }
    }

    /// The store's format record.
    pub(crate) fn format(&self) -> Vec<u8> {
        self.space.pack(&("format",))
    }

    /// A node's heartbeat.
    pub(crate) fn node(&self, node: NodeId) -> Vec<u8> {
        self.space.pack(&("node", node.0))
    }

    /// All nodes' heartbeats.
    pub(crate) fn nodes(&self) -> KeyRange {
        self.space.range_of(&("node",))
    }

    /// The node of a heartbeat's key.
    pub(crate) fn unpack_node(&self, key: &[u8]) -> Result<NodeId, KeyError> {
        let (_, node) = self.space.unpack::<(Cow<'_, str>, u64)>(key)?;
        Ok(NodeId(node))
    }

    /// A shard's lease.
    pub(crate) fn lease(&self, shard: ShardId) -> Vec<u8> {
        self.space.pack(&("lease", u32::from(shard)))
    }

    /// All leases.
    pub(crate) fn leases(&self) -> KeyRange {
        self.space.range_of(&("lease",))
    }

    /// A shard's checkpoint.
    pub(crate) fn checkpoint(&self, shard: ShardId) -> Vec<u8> {
        self.space.pack(&("checkpoint", u32::from(shard)))
    }

    /// One chunk of the batch that starts at `first_seq`.
    pub(crate) fn batch(&self, shard: ShardId, first_seq: Seq, chunk: usize) -> Vec<u8> {
        self.space
            .pack(&("log", u32::from(shard), first_seq, chunk as u64))
    }

    /// All chunks of the batch that starts at `first_seq`.
    pub(crate) fn batch_chunks(&self, shard: ShardId, first_seq: Seq) -> KeyRange {
        self.space.range_of(&("log", u32::from(shard), first_seq))
    }

    /// Shard's log from the batch at `first_seq` on.
    pub(crate) fn log_from(&self, shard: ShardId, first_seq: Seq) -> KeyRange {
        let end = self.space.range_of(&("log", u32::from(shard))).end;
        KeyRange::new(self.batch(shard, first_seq, 0), end)
    }

    /// The whole log of a shard.
    pub(crate) fn log(&self, shard: ShardId) -> KeyRange {
        self.space.range_of(&("log", u32::from(shard)))
    }

    /// What every key of one kind begins with; `kind` is the first element of its tuple.
    pub(crate) fn all_of(&self, kind: &str) -> Vec<u8> {
        self.space.pack(&(kind,))
    }

    /// Shard, first sequence and chunk number of a key of a log.
    pub(crate) fn unpack_log(&self, key: &[u8]) -> Result<(ShardId, Seq, u64), NotThisKey> {
        let unpacked = self.space.unpack::<(Cow<'_, str>, ShardId, Seq, u64)>(key);
        let (kind, shard, first_seq, chunk) = unpacked.map_err(|_| NotThisKey)?;
        (kind == "log")
            .then_some((shard, first_seq, chunk))
            .ok_or(NotThisKey)
    }

    /// Shard of a lease's key.
    pub(crate) fn unpack_lease(&self, key: &[u8]) -> Result<ShardId, NotThisKey> {
        let unpacked = self.space.unpack::<(Cow<'_, str>, ShardId)>(key);
        let (kind, shard) = unpacked.map_err(|_| NotThisKey)?;
        (kind == "lease").then_some(shard).ok_or(NotThisKey)
    }

    /// First sequence and chunk number of a key of a log.
    pub(crate) fn unpack_batch(&self, key: &[u8]) -> Result<(Seq, u64), KeyError> {
        let (_, _, first_seq, chunk) = self.space.unpack::<(Cow<'_, str>, u32, Seq, u64)>(key)?;
        Ok((first_seq, chunk))
    }

    /// One chunk of a hunt's row.
    pub(crate) fn hunt(&self, shard: ShardId, hunt: &HuntId, chunk: usize) -> Vec<u8> {
        self.space
            .pack(&("hunt", u32::from(shard), hunt.as_str(), chunk as u64))
    }

    /// All chunks of a hunt's row.
    pub(crate) fn hunt_row(&self, shard: ShardId, hunt: &HuntId) -> KeyRange {
        self.space
            .range_of(&("hunt", u32::from(shard), hunt.as_str()))
    }

    /// All hunts' rows of a shard.
    pub(crate) fn hunts(&self, shard: ShardId) -> KeyRange {
        self.space.range_of(&("hunt", u32::from(shard)))
    }

    /// Hunt and chunk number of a key of a hunt's row.
    pub(crate) fn unpack_hunt<'key>(
        &self,
        key: &'key [u8],
    ) -> Result<(Cow<'key, str>, u64), KeyError> {
        type Tuple<'key> = (Cow<'key, str>, u32, Cow<'key, str>, u64);
        let (_, _, hunt, chunk) = self.space.unpack::<Tuple<'_>>(key)?;
        Ok((hunt, chunk))
    }

    /// A player's row.
    pub(crate) fn player(&self, shard: ShardId, hunt: &HuntId, player: &PlayerId) -> Vec<u8> {
        self.space
            .pack(&("player", u32::from(shard), hunt.as_str(), player.as_str()))
    }

    /// All players' rows of a hunt.
    pub(crate) fn players(&self, shard: ShardId, hunt: &HuntId) -> KeyRange {
        self.space
            .range_of(&("player", u32::from(shard), hunt.as_str()))
    }

    /// All players' rows of a shard.
    pub(crate) fn players_of_shard(&self, shard: ShardId) -> KeyRange {
        self.space.range_of(&("player", u32::from(shard)))
    }

    /// Hunt and player of a key of a player's row.
    pub(crate) fn unpack_player<'key>(
        &self,
        key: &'key [u8],
    ) -> Result<(Cow<'key, str>, Cow<'key, str>), KeyError> {
        type Tuple<'key> = (Cow<'key, str>, u32, Cow<'key, str>, Cow<'key, str>);
        let (_, _, hunt, player) = self.space.unpack::<Tuple<'_>>(key)?;
        Ok((hunt, player))
    }

    /// Puts `value` at the commit's place in the global order.
    pub(crate) fn append_to_feed(&self, transaction: &impl Transaction, value: &[u8]) {
        let operand = self
            .space
            .pack_versionstamped(&("all", TupleVersionstamp::incomplete(0)))
            .expect("the tuple has exactly one incomplete versionstamp");
        transaction.atomic(AtomicOp::SetVersionstampedKey, &operand, value);
    }

    /// The global order from the batch of `position` on (that batch included).
    pub(crate) fn feed_from(&self, position: &FeedPosition) -> KeyRange {
        let stamp = TupleVersionstamp::complete(position.versionstamp, 0);
        let end = self.space.range_of(&("all",)).end;
        KeyRange::new(self.space.pack(&("all", stamp)), end)
    }

    /// The versionstamp of a key of the global order.
    pub(crate) fn unpack_feed(&self, key: &[u8]) -> Result<[u8; 10], KeyError> {
        let (_, stamp) = self
            .space
            .unpack::<(Cow<'_, str>, TupleVersionstamp)>(key)?;
        let mut bytes = [0; 10];
        bytes.copy_from_slice(stamp.transaction_version());
        Ok(bytes)
    }
}
