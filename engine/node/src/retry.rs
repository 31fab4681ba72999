//! The one retry loop. Everything that the engine does with its store goes through here.

use std::time::Duration;

use store::{Committed, Store, StoreError, Transaction, TransactionOption, code};

use crate::Host;

/// What a timed-out try waits before the next one: its commit may still be under way.
const TIMED_OUT_PAUSE: Duration = Duration::from_millis(10);

/// How a transaction failed for good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TransactError {
    /// Another owner holds the shard's lease.
    #[error("the lease of the shard was taken by epoch {epoch}")]
    Fenced {
        /// The epoch that holds it now.
        epoch: u64,
    },
    /// What was read is not what this version writes.
    #[error("{0}")]
    Corrupt(String),
    /// The store failed in a way that a retry does not cure.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which try of a transaction this is; the first is 0.
pub(crate) type Attempt = u32;

/// Runs `work` in a transaction and commits it, as often as it takes.
///
/// `work` must be harmless when committed twice: after 1021 (unknown) a try has happened or never will, but after 1031
/// (timed out) it may still happen while a later one runs. So each `work` reads a key that every successful try of it
/// writes: a late try then meets that write and is refused.
pub(crate) async fn transact<H: Host, T>(
    host: &H,
    mut work: impl AsyncFnMut(&<H::Store as Store>::Transaction, Attempt) -> Result<T, TransactError>,
) -> Result<(T, Committed), TransactError> {
    let mut transaction = begin(host);
    let mut attempt = 0;
    loop {
        let error = match work(&transaction, attempt).await {
            Ok(value) => match transaction.commit().await {
                Ok(committed) => return Ok((value, committed)),
                Err(error) => error,
            },
            Err(TransactError::Store(error)) => error,
            Err(error) => {
                if let TransactError::Corrupt(what) = &error {
                    host.corrupt(what);
                }
                return Err(error);
            }
        };
        attempt = attempt.saturating_add(1);
        tracing::debug!(code = error.code(), attempt, "transaction is tried again");
        probe(host, &error);
        if may_commit_late(&error) {
            host.sleep(TIMED_OUT_PAUSE).await;
            transaction = begin(host);
        } else {
            transaction.on_error(error).await?;
        }
    }
}

fn begin<H: Host>(host: &H) -> <H::Store as Store>::Transaction {
    let transaction = host.store().begin();
    if let Some(timeout) = host.transaction_timeout() {
        let ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        transaction.set_option(TransactionOption::Timeout(ms));
    }
    transaction
}

/// The try was given up, not refused: the transaction is over, but what it sent may still be committed.
fn may_commit_late(error: &StoreError) -> bool {
    matches!(
        error.code(),
        code::TRANSACTION_TIMED_OUT | code::TRANSACTION_CANCELLED | code::OPERATION_CANCELLED
    )
}

fn probe<H: Host>(host: &H, error: &StoreError) {
    host.probe(match error.code() {
        code::COMMIT_UNKNOWN_RESULT => "commit_unknown",
        code::NOT_COMMITTED => "commit_conflict",
        code::TRANSACTION_TOO_OLD => "transaction_too_old",
        _ if may_commit_late(error) => "transaction_timed_out",
        _ => "transaction_retried",
    });
}
