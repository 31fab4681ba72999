//! Rows: the stored state of one hunt or one player, as of some event. A cache of the log, never the truth.

use hunt::{
    BoardKey, HuntId, HuntState, PlayerId, PlayerState, ShardId, decode_hunt, decode_player,
    encode_hunt, encode_player,
};
use store::{RangeRead, Store, Transaction, TransactionOption};

use crate::Host;
use crate::chunks::{chunk_bytes, chunks};
use crate::keys::Keys;
use crate::lease::check_lease;
use crate::record::{self, Checkpoint};
use crate::retry::{TransactError, transact};

/// Rows of a hunt's ranking that one read asks for.
const RANKING_PAGE_ROWS: usize = 1_000;

/// The bytes of a row, and where they go.
pub(crate) enum EncodedRow {
    /// A hunt's, in chunks.
    Hunt(HuntId, Vec<u8>),
    /// A player's.
    Player(Vec<u8>, Vec<u8>),
}

impl EncodedRow {
    /// A hunt's row.
    pub(crate) fn hunt(state: &HuntState) -> Self {
        Self::Hunt(state.id().clone(), record::seal(&encode_hunt(state)))
    }

    /// A player's row.
    pub(crate) fn player(
        keys: &Keys,
        shard: ShardId,
        hunt: &HuntId,
        player: &PlayerId,
        state: &PlayerState,
    ) -> Self {
        Self::Player(
            keys.player(shard, hunt, player),
            record::seal(&encode_player(state)),
        )
    }

    /// About what it adds to a transaction.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Hunt(_, value) => value.len(),
            Self::Player(key, value) => key.len() + value.len(),
        }
    }

    fn write(
        &self,
        transaction: &impl Transaction,
        keys: &Keys,
        shard: ShardId,
        chunk_bytes: usize,
    ) {
        match self {
            Self::Hunt(hunt, value) => {
                transaction.clear_range(&keys.hunt_row(shard, hunt));
                for (chunk, part) in chunks(value, chunk_bytes) {
                    transaction.set(&keys.hunt(shard, hunt, chunk), part);
                }
            }
            Self::Player(key, value) => {
                // Nobody reads rows with a conflict range: the lease and the checkpoint guard them.
                transaction.set_option(TransactionOption::NextWriteNoWriteConflictRange);
                transaction.set(key, value);
            }
        }
    }
}

/// Writes rows and the checkpoint that holds once they are written.
///
/// Every write reads the checkpoint and writes it, so a late try of an earlier write is refused and can't bring
/// older rows back.
pub(crate) async fn write_rows<H: Host>(
    host: &H,
    keys: &Keys,
    shard: ShardId,
    epoch: u64,
    rows: &[EncodedRow],
    checkpoint: Checkpoint,
) -> Result<(), TransactError> {
    let chunk_bytes = chunk_bytes(host);
    transact(host, async |transaction, _| {
        check_lease(transaction, keys, shard, epoch).await?;
        let stored = read_checkpoint(transaction, keys, shard).await?;
        assert!(
            stored.generation <= checkpoint.generation,
            "rows of a shard are written one write after the other"
        );
        if stored.generation == checkpoint.generation {
            host.probe("rows_written_by_earlier_try");
            return Ok(());
        }
        rows.iter()
            .for_each(|row| row.write(transaction, keys, shard, chunk_bytes));
        transaction.set(&keys.checkpoint(shard), &record::encode(&checkpoint));
        Ok(())
    })
    .await?;
    Ok(())
}

/// The shard's checkpoint; the beginning of the log if there is none.
pub(crate) async fn read_checkpoint<T: Transaction>(
    transaction: &T,
    keys: &Keys,
    shard: ShardId,
) -> Result<Checkpoint, TransactError> {
    match transaction.get(&keys.checkpoint(shard), false).await? {
        Some(bytes) => record::decode(&bytes).map_err(|error| {
            TransactError::Corrupt(format!(
                "the checkpoint of shard {shard} can't be read: {error}"
            ))
        }),
        None => Ok(Checkpoint::default()),
    }
}

/// Reads one player's row.
pub(crate) async fn read_player<H: Host>(
    host: &H,
    keys: &Keys,
    shard: ShardId,
    hunt: &HuntId,
    player: &PlayerId,
) -> Result<Option<PlayerState>, TransactError> {
    let key = keys.player(shard, hunt, player);
    let (row, _) = transact(
        host,
        async |transaction: &<H::Store as Store>::Transaction, _| {
            Ok(transaction.get(&key, true).await?)
        },
    )
    .await?;
    row.map(|bytes| decode_player_row(&key, &bytes)).transpose()
}

/// All hunts of a shard, as of their rows.
pub(crate) async fn read_hunts<T: Transaction>(
    transaction: &T,
    keys: &Keys,
    shard: ShardId,
) -> Result<Vec<HuntState>, TransactError> {
    let mut hunts = Vec::new();
    let mut current: Option<(String, Vec<u8>)> = None;
    for (key, value) in
        store::rows_all(transaction, &RangeRead::of(&keys.hunts(shard)), true).await?
    {
        let (hunt, chunk) = keys
            .unpack_hunt(&key)
            .map_err(|error| TransactError::Corrupt(error.to_string()))?;
        match &mut current {
            Some((id, bytes)) if *id == hunt && chunk > 0 => bytes.extend_from_slice(&value),
            _ => {
                if let Some((id, bytes)) = current.replace((hunt.into_owned(), value)) {
                    hunts.push(decode_hunt_row(&id, &bytes)?);
                }
            }
        }
    }
    if let Some((id, bytes)) = current {
        hunts.push(decode_hunt_row(&id, &bytes)?);
    }
    Ok(hunts)
}

/// One page of a hunt's places in the ranking as the rows have them, and from which key to go on.
pub(crate) async fn read_ranking<H: Host>(
    host: &H,
    keys: &Keys,
    read: &RangeRead,
) -> Result<(Vec<(BoardKey, PlayerId)>, Option<RangeRead>), TransactError> {
    let (page, _) = transact(
        host,
        async |transaction: &<H::Store as Store>::Transaction, _| {
            Ok(transaction
                .get_range(&read.clone().limit(RANKING_PAGE_ROWS), true)
                .await?)
        },
    )
    .await?;
    let mut places = Vec::with_capacity(page.rows.len());
    for (key, bytes) in &page.rows {
        if let Some(place) = decode_player_row(key, bytes)?.board() {
            let (_, player) = keys
                .unpack_player(key)
                .map_err(|error| TransactError::Corrupt(error.to_string()))?;
            let player = PlayerId::new(&player)
                .map_err(|error| TransactError::Corrupt(error.to_string()))?;
            places.push((place, player));
        }
    }
    let next = if page.more { read.next(&page) } else { None };
    Ok((places, next))
}

/// Decodes a player's row.
pub(crate) fn decode_player_row(key: &[u8], bytes: &[u8]) -> Result<PlayerState, TransactError> {
    let corrupt = |detail: String| {
        TransactError::Corrupt(format!(
            "the row at {} can't be read: {detail}",
            key.escape_ascii()
        ))
    };
    let body = record::unseal(bytes).map_err(|error| corrupt(error.to_string()))?;
    decode_player(body).map_err(|error| corrupt(error.to_string()))
}

fn decode_hunt_row(id: &str, bytes: &[u8]) -> Result<HuntState, TransactError> {
    let corrupt = |detail: String| {
        TransactError::Corrupt(format!("the row of hunt {id} can't be read: {detail}"))
    };
    let body = record::unseal(bytes).map_err(|error| corrupt(error.to_string()))?;
    decode_hunt(body).map_err(|error| corrupt(error.to_string()))
}
