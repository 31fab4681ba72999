//! A node says that it lives, and sees who else does.
//!
//! Taking a dead node's shards must exclude its reads too, which have no commit of their own to be fenced by. So whoever
//! takes it for dead removes its heartbeat first, and a node whose heartbeat is gone can't renew it: it joins anew, with
//! nothing. What it had proven before has run out by then, since that is how it was found dead.

use std::time::Duration;

use store::{RangeRead, Transaction};

use crate::keys::Keys;
use crate::record::{self, Heartbeat};
use crate::retry::{TransactError, transact};
use crate::{Host, NodeId};

/// Nodes of a cluster; a read of their heartbeats asks for no more.
const NODES_MAX: usize = 1_024;

/// What a beat found.
pub(crate) enum Beat {
    /// The node is alive, and these may be too (it among them). The read began at this time of its own clock.
    Alive {
        /// By node.
        rows: Vec<(NodeId, Heartbeat)>,
        /// When the beat began.
        started: Duration,
    },
    /// The others took it for dead: it must join anew.
    Declared,
    /// It has not joined yet, and another process goes by its name. What it read instead.
    NameTaken {
        /// By node.
        rows: Vec<(NodeId, Heartbeat)>,
        /// When the beat began.
        started: Duration,
    },
    /// It was taken for dead, and another process goes by its name since.
    Superseded,
}

/// Writes the node's heartbeat and reads all. `joined`: it has done so before under this incarnation.
pub(crate) async fn beat<H: Host>(
    host: &H,
    keys: &Keys,
    node: NodeId,
    heartbeat: &Heartbeat,
    joined: bool,
) -> Result<Beat, TransactError> {
    // Of the first try: it may have been committed unknown to us, and all tries write the same, so that is when others
    // began to wait for the next one.
    let started = host.monotonic();
    let (beat, _) = transact(host, async |transaction, _| {
        let own = read_heartbeat(transaction, keys, node).await?;
        match own.map(|own| own.incarnation) {
            Some(found) if found == heartbeat.incarnation => {}
            None if joined => return Ok(Beat::Declared),
            Some(_) if joined => return Ok(Beat::Superseded),
            // It may still answer from memory.
            Some(_) => {
                let rows = read_all(transaction, keys).await?;
                return Ok(Beat::NameTaken { rows, started });
            }
            None => {}
        }
        transaction.set(&keys.node(node), &record::encode(heartbeat));
        let rows = read_all(transaction, keys).await?;
        Ok(Beat::Alive { rows, started })
    })
    .await?;
    Ok(beat)
}

/// Removes the heartbeat of a node that is dead, unless it changed after all.
pub(crate) async fn declare_dead<H: Host>(
    host: &H,
    keys: &Keys,
    node: NodeId,
    seen: &Heartbeat,
) -> Result<bool, TransactError> {
    let (declared, _) = transact(host, async |transaction, _| {
        let found = read_heartbeat(transaction, keys, node).await?;
        let dead = found.as_ref() == Some(seen);
        if dead {
            transaction.clear(&keys.node(node));
        }
        Ok(dead)
    })
    .await?;
    Ok(declared)
}

/// Removes the node's own heartbeat, if it still is that of this membership.
pub(crate) async fn remove_heartbeat<H: Host>(
    host: &H,
    keys: &Keys,
    node: NodeId,
    member: u32,
) -> Result<(), TransactError> {
    transact(host, async |transaction, _| {
        let own = read_heartbeat(transaction, keys, node).await?;
        if own.is_some_and(|own| own.incarnation == member) {
            transaction.clear(&keys.node(node));
        }
        Ok(())
    })
    .await?;
    Ok(())
}

/// One node's heartbeat. Read with a conflict range: who commits after this read, commits only if it did not change.
pub(crate) async fn read_heartbeat(
    transaction: &impl Transaction,
    keys: &Keys,
    node: NodeId,
) -> Result<Option<Heartbeat>, TransactError> {
    let bytes = transaction.get(&keys.node(node), false).await?;
    bytes.map(|bytes| decode(node, &bytes)).transpose()
}

/// All heartbeats. A snapshot: other nodes' beats are no conflict with ours.
pub(crate) async fn read_all(
    transaction: &impl Transaction,
    keys: &Keys,
) -> Result<Vec<(NodeId, Heartbeat)>, TransactError> {
    let read = RangeRead::of(&keys.nodes()).limit(NODES_MAX);
    let found = store::rows_all(transaction, &read, true).await?;
    let rows = found.into_iter().map(|(key, value)| {
        let node = keys.unpack_node(&key).map_err(|error| {
            TransactError::Corrupt(format!("a node's key can't be read: {error}"))
        })?;
        Ok((node, decode(node, &value)?))
    });
    rows.collect()
}

fn decode(node: NodeId, bytes: &[u8]) -> Result<Heartbeat, TransactError> {
    record::decode(bytes).map_err(|error| {
        TransactError::Corrupt(format!(
            "the heartbeat of node {} can't be read: {error}",
            node.0
        ))
    })
}
