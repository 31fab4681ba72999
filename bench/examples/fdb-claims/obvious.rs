//! The obvious design: each claim is one transaction, which reads what it rests on and writes what follows.

use std::error::Error;
use std::rc::Rc;
use std::time::{Duration, Instant};

use foundationdb::options::MutationType;
use foundationdb::{Database, FdbBindingError, RetryableTransaction};
use futures::future::join_all;

use crate::Round;

/// Claims under way at once.
const IN_FLIGHT: usize = 64;

/// Treasures that the claims are spread over, so that not all conflict.
const TREASURES: u64 = 1_000;

/// Units of each at first: they do not run out.
const STOCK: u64 = 1 << 40;

/// Claims for as long as `limit`.
pub(crate) fn run(
    cluster_file: &str,
    prefix: &str,
    limit: Duration,
) -> Result<Round, Box<dyn Error>> {
    let database = Rc::new(Database::from_path(cluster_file)?);
    let started = Instant::now();
    let claimers = (0..IN_FLIGHT).map(|claimer| {
        let database = Rc::clone(&database);
        async move {
            let mut latencies_us = Vec::new();
            while started.elapsed() < limit {
                let asked = Instant::now();
                let number = latencies_us.len() as u64;
                claim(&database, prefix, claimer as u64, number).await?;
                latencies_us.push(asked.elapsed().as_micros() as u64);
            }
            Ok::<_, FdbBindingError>(latencies_us)
        }
    });
    let done = futures::executor::block_on(join_all(claimers));
    let done: Vec<Vec<u64>> = done.into_iter().collect::<Result<_, _>>()?;
    let latencies_us = done.concat();
    Ok(Round {
        claims: latencies_us.len() as u64,
        took: started.elapsed(),
        latencies_us,
    })
}

async fn claim(
    database: &Database,
    prefix: &str,
    claimer: u64,
    number: u64,
) -> Result<(), FdbBindingError> {
    let treasure = (number.wrapping_mul(7_919) + claimer * 31) % TREASURES;
    let stock = format!("{prefix}stock/{treasure}");
    let grant = format!("{prefix}grant/{treasure}/player-{claimer}-{number}");
    let log = format!("{prefix}log/");
    let (stock, grant, log) = (&stock, &grant, &log);
    let work = |transaction: RetryableTransaction, _| async move {
        if transaction.get(grant.as_bytes(), false).await?.is_some() {
            return Ok(());
        }
        let left = transaction.get(stock.as_bytes(), false).await?;
        let left = left.and_then(|bytes| <[u8; 8]>::try_from(&bytes[..]).ok());
        let left = left.map_or(STOCK, u64::from_be_bytes);
        if left > 0 {
            transaction.set(stock.as_bytes(), &(left - 1).to_be_bytes());
            transaction.set(grant.as_bytes(), &left.to_be_bytes());
            let key = versionstamped(log.as_bytes());
            transaction.atomic_op(&key, grant.as_bytes(), MutationType::SetVersionstampedKey);
        }
        Ok(())
    };
    database.run(work).await
}

/// The key of a log entry: the prefix, ten bytes for the stamp, and where they are.
fn versionstamped(prefix: &[u8]) -> Vec<u8> {
    const STAMP_BYTES: usize = 10;
    let offset = u32::try_from(prefix.len()).expect("a prefix is short");
    [prefix, &[0xff; STAMP_BYTES], &offset.to_le_bytes()].concat()
}

/// Removes everything under `prefix`.
pub(crate) fn clear(cluster_file: &str, prefix: &str) -> Result<(), Box<dyn Error>> {
    let database = Database::from_path(cluster_file)?;
    let end = format!("{prefix}\u{10ffff}");
    let end = end.as_bytes();
    let work = |transaction: RetryableTransaction, _| async move {
        transaction.clear_range(prefix.as_bytes(), end);
        Ok(())
    };
    futures::executor::block_on(database.run(work))?;
    Ok(())
}
