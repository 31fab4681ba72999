//! What the whole store was made with; a store of another make is refused before anything is touched.

use store::Transaction;

use crate::Host;
use crate::keys::Keys;
use crate::record::{self, Format};
use crate::retry::{TransactError, transact};

/// Version of the layout of keys and records.
pub const LAYOUT_VERSION: u16 = 1;

/// Checks the store's format; a store without one gets ours.
pub(crate) async fn prepare<H: Host>(
    host: &H,
    keys: &Keys,
    shards: u16,
) -> Result<(), TransactError> {
    let ours = Format {
        version: LAYOUT_VERSION,
        shards,
    };
    transact(host, async |transaction, _| {
        match transaction.get(&keys.format(), false).await? {
            Some(bytes) => check(&bytes, ours),
            None => {
                transaction.set(&keys.format(), &record::encode(&ours));
                Ok(())
            }
        }
    })
    .await?;
    Ok(())
}

/// The number of shards of the store; `None` if nothing was ever stored.
pub(crate) async fn stored_shards(
    transaction: &impl Transaction,
    keys: &Keys,
) -> Result<Option<u16>, TransactError> {
    let Some(bytes) = transaction.get(&keys.format(), true).await? else {
        return Ok(None);
    };
    let stored = decode(&bytes)?;
    check(
        &bytes,
        Format {
            version: LAYOUT_VERSION,
            shards: stored.shards,
        },
    )?;
    Ok(Some(stored.shards))
}

fn check(bytes: &[u8], ours: Format) -> Result<(), TransactError> {
    let stored = decode(bytes)?;
    if stored.version != ours.version {
        return Err(TransactError::Corrupt(format!(
            "the store has layout version {}, this engine works with {}: use the engine that wrote it",
            stored.version, ours.version
        )));
    }
    if stored.shards != ours.shards {
        return Err(TransactError::Corrupt(format!(
            "the store was made with {} shards, the settings say {}: set shards = {} (it can't be changed later)",
            stored.shards, ours.shards, stored.shards
        )));
    }
    Ok(())
}

fn decode(bytes: &[u8]) -> Result<Format, TransactError> {
    record::decode(bytes).map_err(|error| {
        TransactError::Corrupt(format!("the store's format record can't be read: {error}"))
    })
}
