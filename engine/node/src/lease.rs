//! The right to write a shard: an epoch that only grows. Fencing rests on it, never on a clock.

use hunt::ShardId;
use store::Transaction;

use crate::keys::Keys;
use crate::record::{self, Lease};
use crate::retry::{TransactError, transact};
use crate::{Host, NodeId};

/// Raises the shard's epoch and makes `node` its owner. Committed before the log is read, so that nothing can be
/// appended behind the reader's back.
pub(crate) async fn take_lease<H: Host>(
    host: &H,
    keys: &Keys,
    shard: ShardId,
    node: NodeId,
    incarnation: u64,
) -> Result<u64, TransactError> {
    let (epoch, _) = transact(host, async |transaction, _| {
        let previous = read_lease(transaction, keys, shard).await?;
        let epoch = match previous {
            // An earlier try of this very call may have succeeded unknown to us: the epoch is ours then.
            Some(lease)
                if lease.node == node.0 && lease.incarnation == incarnation && !lease.released =>
            {
                lease.epoch
            }
            Some(lease) => lease.epoch + 1,
            None => 1,
        };
        let lease = Lease {
            epoch,
            node: node.0,
            incarnation,
            released: false,
        };
        transaction.set(&keys.lease(shard), &record::encode(&lease));
        Ok(epoch)
    })
    .await?;
    Ok(epoch)
}

/// Gives the lease up, if it is still held. The epoch stays.
pub(crate) async fn release_lease<H: Host>(
    host: &H,
    keys: &Keys,
    shard: ShardId,
    epoch: u64,
) -> Result<(), TransactError> {
    transact(host, async |transaction, _| {
        if let Some(lease) = read_lease(transaction, keys, shard).await?
            && lease.epoch == epoch
        {
            transaction.set(
                &keys.lease(shard),
                &record::encode(&Lease {
                    released: true,
                    ..lease
                }),
            );
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
