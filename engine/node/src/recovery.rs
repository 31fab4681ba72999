//! Opening a shard: take the lease, then read rows and the log's tail. Milliseconds, however long the log is.

use hunt::{EventBody, Millis, Seq, ShardId};

use crate::keys::Keys;
use crate::lease::{Claim, Taken, take_lease};
use crate::log::{batch_start, read_batches};
use crate::retry::{TransactError, transact};
use crate::rows::{read_checkpoint, read_hunts};
use crate::state::ShardState;
use crate::{Host, NodeId};

/// What came of trying to open a shard.
pub(crate) enum Recovered {
    /// It is this node's, and this is its state.
    State(Box<ShardState>),
    /// A node that lives holds it.
    Held(NodeId),
    /// This node is no member of the cluster by now.
    NotMember,
}

/// Takes the lease of `shard` and builds its state as of the last committed event.
pub(crate) async fn recover<H: Host>(
    host: &H,
    keys: &Keys,
    shard: ShardId,
    claim: Claim,
) -> Result<Recovered, TransactError> {
    let epoch = match take_lease(host, keys, shard, claim).await? {
        Taken::Epoch(epoch) => epoch,
        Taken::Held(node) => return Ok(Recovered::Held(node)),
        Taken::NotMember => return Ok(Recovered::NotMember),
    };
    let state = read_state(host, keys, shard, epoch).await?;
    Ok(Recovered::State(Box::new(state)))
}

async fn read_state<H: Host>(
    host: &H,
    keys: &Keys,
    shard: ShardId,
    epoch: u64,
) -> Result<ShardState, TransactError> {
    let mut state = ShardState::new(epoch, host.random());
    let ((checkpoint, hunts), _) = transact(host, async |transaction, _| {
        Ok((
            read_checkpoint(transaction, keys, shard).await?,
            read_hunts(transaction, keys, shard).await?,
        ))
    })
    .await?;
    state.checkpoint_seq = checkpoint.seq;
    state.flush_generation = checkpoint.generation;
    state.last_seq = checkpoint.seq;
    state.committed_seq = checkpoint.seq;
    if checkpoint.seq == 0 {
        host.probe("recovery_without_rows");
    }
    for hunt in hunts {
        state.hunts.insert(hunt);
    }
    state.next_due = state.hunts.next_due();
    replay_tail(host, keys, shard, &mut state).await?;
    Ok(state)
}

/// Replays what the log holds after the checkpoint. Player rows are not read here: the tail is kept beside them.
async fn replay_tail<H: Host>(
    host: &H,
    keys: &Keys,
    shard: ShardId,
    state: &mut ShardState,
) -> Result<(), TransactError> {
    let (start, _) = transact(host, async |transaction, _| {
        batch_start(transaction, keys, shard, state.checkpoint_seq).await
    })
    .await?;
    let Some(mut next) = start else {
        return if state.checkpoint_seq == 0 {
            Ok(())
        } else {
            Err(gap(shard, 0, state.checkpoint_seq))
        };
    };
    loop {
        let (batches, _) = transact(host, async |transaction, _| {
            read_batches(host, transaction, keys, shard, next).await
        })
        .await?;
        let Some(last) = batches.last() else { break };
        host.probe("recovery_with_tail");
        let after = last.header.last_seq() + 1;
        for batch in batches {
            if batch.header.first_seq > state.last_seq + 1 {
                return Err(gap(shard, state.last_seq, batch.header.first_seq));
            }
            replay_batch(state, shard, batch.header.at(), batch.events)?;
        }
        next = after;
    }
    Ok(())
}

fn replay_batch(
    state: &mut ShardState,
    shard: ShardId,
    at: Millis,
    events: Vec<hunt::Event>,
) -> Result<(), TransactError> {
    state.last_at = state.last_at.max(at);
    for event in events {
        if event.seq <= state.last_seq {
            continue;
        }
        if state.hunts.get(&event.hunt).is_none() && !matches!(event.body, EventBody::Put { .. }) {
            let detail = format!(
                "shard {shard}, event {}: hunt {} has no row and was not made before",
                event.seq, event.hunt
            );
            return Err(TransactError::Corrupt(detail));
        }
        state.replay(event);
    }
    Ok(())
}

fn gap(shard: ShardId, last: Seq, found: Seq) -> TransactError {
    TransactError::Corrupt(format!(
        "shard {shard}: the log has a gap after sequence {last}, before {found}"
    ))
}
