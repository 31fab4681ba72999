//! The right to write a shard: an epoch that only grows. Fencing rests on it, never on a clock.

use hunt::ShardId;
use store::Transaction;

use crate::heartbeat::read_heartbeat;
use crate::keys::Keys;
use crate::record::{self, Lease};
use crate::retry::{TransactError, transact};
use crate::{Host, NodeId};

/// Who wants a shard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    /// The node.
    pub(crate) node: NodeId,
    /// Its membership of the cluster; 0: it is alone on its store and asks nobody.
    pub(crate) member: u32,
    /// Drawn for this opening.
    pub(crate) nonce: u64,
}

/// What came of taking a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is ours, under this epoch.
    Epoch(u64),
    /// A node that lives holds it.
    Held(NodeId),
    /// Our own heartbeat is gone: we may take nothing.
    NotMember,
}

impl Claim {
    fn incarnation(&self) -> u64 {
        if self.member == 0 {
            self.nonce
        } else {
            u64::from(self.member) << 32 | (self.nonce & u64::from(u32::MAX))
        }
    }

    /// The lease is what became of this claim.
    fn is_held_by(&self, lease: &Lease) -> bool {
        lease.node == self.node.0 && lease.incarnation == self.incarnation() && !lease.released
    }

    /// The lease is what became of this claim, or of an earlier one of the same process; never of another process that
    /// goes by the same name.
    fn is_of_same_process(&self, lease: &Lease) -> bool {
        let same_member = self.member != 0 && lease.member() == self.member;
        lease.node == self.node.0
            && !lease.released
            && (same_member || lease.incarnation == self.incarnation())
    }
}

/// Raises the shard's epoch and makes the claimant its owner, unless another owner lives. Committed before the log is read,
/// so that nothing can be appended behind the reader's back.
///
/// That the other owner is dead is read in the same transaction as the lease, so it can't come back in between: its
/// heartbeat was removed by whoever found it dead, and it can't take it up again (see [`crate::heartbeat`]).
pub(crate) async fn take_lease<H: Host>(
    host: &H,
    keys: &Keys,
    shard: ShardId,
    claim: Claim,
) -> Result<Taken, TransactError> {
    let (taken, _) = transact(host, async |transaction, _| {
        let previous = read_lease(transaction, keys, shard).await?;
        if claim.member != 0 && !is_member(transaction, keys, claim.node, claim.member).await? {
            return Ok(Taken::NotMember);
        }
        let epoch = match previous {
            // An earlier try of this very call may have succeeded unknown to us: the epoch is ours then.
            Some(lease) if claim.is_held_by(&lease) => lease.epoch,
            Some(lease) => {
                if let Some(owner) = living_owner(transaction, keys, &claim, &lease).await? {
                    return Ok(Taken::Held(owner));
                }
                host.probe(how_it_was_free(&claim, &lease));
                lease.epoch + 1
            }
            None => 1,
        };
        let lease = Lease {
            epoch,
            node: claim.node.0,
            incarnation: claim.incarnation(),
            released: false,
        };
        transaction.set(&keys.lease(shard), &record::encode(&lease));
        Ok(Taken::Epoch(epoch))
    })
    .await?;
    Ok(taken)
}

/// The other node that holds the lease and lives.
async fn living_owner<T: Transaction>(
    transaction: &T,
    keys: &Keys,
    claim: &Claim,
    lease: &Lease,
) -> Result<Option<NodeId>, TransactError> {
    let owner = NodeId(lease.node);
    if claim.member == 0 || lease.released || owner == claim.node {
        return Ok(None);
    }
    let lives = is_member(transaction, keys, owner, lease.member()).await?;
    Ok(lives.then_some(owner))
}

async fn is_member<T: Transaction>(
    transaction: &T,
    keys: &Keys,
    node: NodeId,
    member: u32,
) -> Result<bool, TransactError> {
    let heartbeat = read_heartbeat(transaction, keys, node).await?;
    Ok(heartbeat.is_some_and(|heartbeat| heartbeat.incarnation == member))
}

fn how_it_was_free(claim: &Claim, lease: &Lease) -> &'static str {
    if lease.released {
        "takeover_of_released"
    } else if lease.node == claim.node.0 {
        "takeover_of_own_lease"
    } else {
        "takeover_of_dead_node"
    }
}

/// Gives up what became of the claim, if it is still there. The epoch stays.
pub(crate) async fn release_lease<H: Host>(
    host: &H,
    keys: &Keys,
    shard: ShardId,
    claim: Claim,
) -> Result<(), TransactError> {
    transact(host, async |transaction, _| {
        if let Some(lease) = read_lease(transaction, keys, shard).await?
            && claim.is_of_same_process(&lease)
        {
            let released = Lease {
                released: true,
                ..lease
            };
            transaction.set(&keys.lease(shard), &record::encode(&released));
        }
        Ok(())
    })
    .await?;
    Ok(())
}

/// Fails the transaction unless `epoch` holds the shard, now and until it commits.
pub(crate) async fn check_lease<T: Transaction>(
    transaction: &T,
    keys: &Keys,
    shard: ShardId,
    epoch: u64,
) -> Result<(), TransactError> {
    match read_lease(transaction, keys, shard).await? {
        Some(lease) if lease.epoch == epoch && !lease.released => Ok(()),
        Some(lease) => Err(TransactError::Fenced { epoch: lease.epoch }),
        None => Err(TransactError::Corrupt(format!(
            "the lease of shard {shard} is missing"
        ))),
    }
}

/// The shard's lease. Read with a conflict range, so that whoever commits after this read held it until then.
pub(crate) async fn read_lease<T: Transaction>(
    transaction: &T,
    keys: &Keys,
    shard: ShardId,
) -> Result<Option<Lease>, TransactError> {
    let Some(bytes) = transaction.get(&keys.lease(shard), false).await? else {
        return Ok(None);
    };
    let lease = record::decode(&bytes).map_err(|error| {
        TransactError::Corrupt(format!("the lease of shard {shard} can't be read: {error}"))
    })?;
    Ok(Some(lease))
}
