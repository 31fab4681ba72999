//! Writing dirty rows, oldest first, in small transactions: fuzzy checkpoints.
//!
//! A row is encoded with all that is decided by then, and written once that is committed: so a row that changes with
//! every batch is written too, and no row ever holds what the log does not.

use hunt::Seq;

use crate::dirty::RowKey;
use crate::keys::Keys;
use crate::players::{EntryPlace, Known, PlayerKey};
use crate::record::Checkpoint;
use crate::rows::EncodedRow;
use crate::state::ShardState;

/// Bytes of rows after which a transaction takes no more.
const FLUSH_BYTES: usize = 1 << 20;

/// Rows ready to be written.
pub(crate) struct Flush {
    /// Their bytes.
    pub(crate) rows: Vec<EncodedRow>,
    /// What holds once they are written.
    pub(crate) checkpoint: Checkpoint,
    /// They may be written once this is committed.
    pub(crate) needs_seq: Seq,
    keys: Vec<RowKey>,
}

impl Flush {
    /// Takes up to `rows_max` rows, those that have been dirty longest; `None` if there are none.
    /// The caller has loaded what [`tails`] names.
    pub(crate) fn take(
        state: &mut ShardState,
        keys: &Keys,
        shard: hunt::ShardId,
        rows_max: usize,
    ) -> Option<Self> {
        let (mut rows, mut taken, mut bytes) = (Vec::new(), Vec::new(), 0);
        while taken.len() < rows_max && bytes < FLUSH_BYTES {
            if front_is_tail(state) {
                break;
            }
            let Some(key) = state.dirty.pop() else { break };
            if let Some(row) = encode(state, keys, shard, &key) {
                bytes += row.bytes();
                rows.push(row);
                taken.push(key);
            }
        }
        if taken.is_empty() {
            return None;
        }
        state.flush_generation += 1;
        let seq = state
            .dirty
            .first_seq()
            .map_or(state.last_seq, |first| first - 1);
        let checkpoint = Checkpoint {
            seq,
            generation: state.flush_generation,
        };
        Some(Self {
            rows,
            checkpoint,
            needs_seq: state.last_seq,
            keys: taken,
        })
    }

    /// The rows are written: what did not change since may be evicted.
    pub(crate) fn written(self, state: &mut ShardState) -> usize {
        state.checkpoint_seq = self.checkpoint.seq;
        for key in &self.keys {
            if let RowKey::Player(player, place) = key
                && let Some(entry) = state.players.get_mut_near(player, *place)
            {
                entry.writing = false;
            }
        }
        self.keys.len()
    }
}

/// Those of the `rows_max` rows at the front of the queue whose stored part must be read before they can be written.
pub(crate) fn tails(
    state: &mut ShardState,
    rows_max: usize,
) -> Vec<(hunt::HuntId, hunt::PlayerId)> {
    if state.players.tails() == 0 {
        return Vec::new();
    }
    let keys: Vec<RowKey> = state.dirty.iter().take(rows_max).cloned().collect();
    keys.into_iter()
        .filter_map(|key| match key {
            RowKey::Player(player, place) if is_tail(state, &player, place) => {
                Some((state.hunts.id_of(player.hunt)?.clone(), player.player))
            }
            _ => None,
        })
        .collect()
}

fn front_is_tail(state: &mut ShardState) -> bool {
    // Most often there is none, which saves a look at the table for each row.
    if state.players.tails() == 0 {
        return false;
    }
    let front = state.dirty.iter().next().cloned();
    matches!(front, Some(RowKey::Player(player, place)) if is_tail(state, &player, place))
}

fn is_tail(state: &mut ShardState, player: &PlayerKey, place: EntryPlace) -> bool {
    state
        .players
        .get_mut_near(player, place)
        .is_some_and(|entry| matches!(entry.known, Known::Tail(_)))
}

fn encode(
    state: &mut ShardState,
    keys: &Keys,
    shard: hunt::ShardId,
    key: &RowKey,
) -> Option<EncodedRow> {
    match key {
        RowKey::Hunt(id) => {
            let slot = state.hunts.get_mut(id)?;
            slot.dirty = false;
            Some(EncodedRow::hunt(&slot.state))
        }
        RowKey::Player(player, place) => {
            let hunt = state.hunts.id_of(player.hunt)?.clone();
            let entry = state.players.get_mut_near(player, *place)?;
            let Known::State(known) = &entry.known else {
                return None;
            };
            let row = EncodedRow::player(keys, shard, &hunt, &player.player, known);
            entry.dirty = false;
            entry.writing = true;
            Some(row)
        }
    }
}
