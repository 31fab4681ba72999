//! Who is in the cluster and who owns what, as the store has it: the truth, where a view is one node's opinion.

use hunt::ShardId;
use store::RangeRead;

use crate::core::Core;
use crate::heartbeat::read_all;
use crate::keys::Keys;
use crate::record::{self, Lease};
use crate::retry::{TransactError, transact};
use crate::shard::unavailable;
use crate::{AskError, Host, Member, NodeId};

/// Leases of a cluster: as many as there are numbers for shards.
const LEASES_MAX: usize = 1 << ShardId::BITS;

/// The cluster, as of one moment.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// Nodes with a heartbeat, by number. One that died stands here until the others have noticed.
    pub nodes: Vec<(NodeId, Member)>,
    /// Shards that were ever opened, by number.
    pub shards: Vec<Ownership>,
}

/// Who owns a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ownership {
    /// Which shard.
    pub shard: ShardId,
    /// Grows with every new owner.
    pub epoch: u64,
    /// The owner; none while it is free.
    pub node: Option<NodeId>,
}

impl<H: Host> Core<H> {
    /// Reads who is there and who owns what.
    pub async fn census(&self) -> Result<Census, AskError> {
        self.take_census()
            .await
            .map_err(|error| unavailable(format!("the cluster's state could not be read: {error}")))
    }

    async fn take_census(&self) -> Result<Census, TransactError> {
        let keys = &self.shared().keys;
        let (census, _) = transact(&self.shared().host, async |transaction, _| {
            let nodes = read_all(transaction, keys).await?;
            let read = RangeRead::of(&keys.leases()).limit(LEASES_MAX);
            let leases = store::rows_all(transaction, &read, true).await?;
            let shards = leases
                .iter()
                .map(|(key, value)| ownership(keys, key, value));
            Ok(Census {
                nodes: nodes
                    .iter()
                    .map(|(node, heartbeat)| (*node, Member::of(heartbeat)))
                    .collect(),
                shards: shards.collect::<Result<_, _>>()?,
            })
        })
        .await?;
        Ok(census)
    }
}

fn ownership(keys: &Keys, key: &[u8], value: &[u8]) -> Result<Ownership, TransactError> {
    let corrupt = |detail: String| {
        TransactError::Corrupt(format!("the lease at {}: {detail}", key.escape_ascii()))
    };
    let shard = keys
        .unpack_lease(key)
        .map_err(|_| corrupt("it is no lease's key".to_owned()))?;
    let lease: Lease = record::decode(value).map_err(|error| corrupt(error.to_string()))?;
    Ok(Ownership {
        shard,
        epoch: lease.epoch,
        node: (!lease.released).then_some(NodeId(lease.node)),
    })
}
