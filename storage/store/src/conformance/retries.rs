//! Trying again: which errors, how often, how long, and what survives.

use std::future::Future;
use std::pin::Pin;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use super::context::code_of;
use super::{Context, Fault, Outcome, ensure_eq, promises};
use crate::limits::FUTURE_VERSION_WAIT_MS;
use crate::{RangeRead, Store, StoreError, Transaction, TransactionOption, code};

promises! {
    slow: false;
    "on_error takes every retryable error and hands back the others" => on_error_by_code,
    "on_error forgets reads, writes and the read version" => on_error_resets,
    "after a conflict on_error and a second try commit" => conflict_then_commit,
    "RetryLimit ends the retries with the last error" => retry_limit,
    "MaxRetryDelay bounds the back-off" => max_retry_delay,
    "past its Timeout a transaction fails with 1031" => timeout,
    "the Timeout strikes while a read waits" => timeout_while_waiting,
    "cancel and reset fail a read that waits with 1025" => cancel_while_waiting,
    "a reset forgets the Timeout and starts anew" => timeout_reset,
    "after cancel everything fails with 1025 until a reset" => cancel,
    "options that are not meant to last are forgotten by on_error" => passing_options,
    "a commit that timed out before it started applies nothing" => timed_out_commit,
}

async fn on_error_by_code<S: Store>(t: Context<S>) -> Outcome {
    for code in [
        1000, 1025, 1031, 1032, 1036, 1101, 2000, 2004, 2017, 2101, 2102, 2103,
    ] {
        let transaction = t.begin();
        ensure_eq!(
            code_of(transaction.on_error(StoreError::new(code)).await),
            Some(code),
            "on_error({code})"
        );
    }
    for code in [
        1007, 1009, 1020, 1021, 1037, 1038, 1039, 1042, 1051, 1078, 1213, 1235, 1242,
    ] {
        let transaction = t.begin();
        ensure_eq!(
            code_of(transaction.on_error(StoreError::new(code)).await),
            None,
            "on_error({code})"
        );
    }
    Ok(())
}

async fn on_error_resets<S: Store>(t: Context<S>) -> Outcome {
    resets(&t, t.begin()).await?;
    t.clean().await?;
    let told_its_version = t.begin();
    told_its_version.set_read_version(t.begin().read_version().await?);
    resets(&t, told_its_version).await
}

async fn resets<S: Store>(t: &Context<S>, transaction: S::Transaction) -> Outcome {
    transaction.get(&t.key("a"), false).await?;
    transaction.set(&t.key("b"), b"v");
    let first = t.put("a", "v").await?.version;
    transaction
        .on_error(StoreError::new(code::NOT_COMMITTED))
        .await?;
    if transaction.read_version().await? < first {
        return Err(Fault::new("on_error kept the old read version"));
    }
    ensure_eq!(
        t.names(&transaction, &RangeRead::of(&t.everything()), true)
            .await?,
        "a",
        "rows of the new try"
    );
    transaction.set(&t.key("c"), b"v");
    ensure_eq!(
        code_of(transaction.commit().await),
        None,
        "the commit, without the first try's reads"
    );
    ensure_eq!(t.value("b").await?, None, "a write of the first try");
    Ok(())
}

async fn conflict_then_commit<S: Store>(t: Context<S>) -> Outcome {
    let transaction = t.begin();
    transaction.get(&t.key("k"), false).await?;
    transaction.set(&t.key("k"), b"mine");
    t.put("k", "theirs").await?;
    match transaction.commit().await {
        Err(error) if error.code() == code::NOT_COMMITTED => transaction.on_error(error).await?,
        other => {
            return Err(Fault::new(format!(
                "a commit that must conflict answers {other:?}"
            )));
        }
    }
    ensure_eq!(
        transaction.get(&t.key("k"), false).await?.as_deref(),
        Some(&b"theirs"[..]),
        "the second try's read"
    );
    transaction.set(&t.key("k"), b"mine");
    transaction.commit().await?;
    ensure_eq!(
        t.value("k").await?.as_deref(),
        Some(&b"mine"[..]),
        "committed"
    );
    Ok(())
}

async fn retry_limit<S: Store>(t: Context<S>) -> Outcome {
    let transaction = t.begin();
    transaction.set_option(TransactionOption::RetryLimit(2));
    for (retry, expected) in [(1, None), (2, None), (3, Some(code::NOT_COMMITTED))] {
        let answer = transaction
            .on_error(StoreError::new(code::NOT_COMMITTED))
            .await;
        ensure_eq!(code_of(answer), expected, "retry {retry} of 2");
    }
    Ok(())
}

async fn max_retry_delay<S: Store>(t: Context<S>) -> Outcome {
    let transaction = t.begin();
    transaction.set_option(TransactionOption::MaxRetryDelay(1));
    transaction.set_option(TransactionOption::Timeout(20_000));
    // With the default of 1 s these would sleep for most of a minute.
    for retry in 0..100 {
        let answer = transaction
            .on_error(StoreError::new(code::NOT_COMMITTED))
            .await;
        ensure_eq!(code_of(answer), None, "retry {retry}");
    }
    Ok(())
}

async fn timeout<S: Store>(t: Context<S>) -> Outcome {
    let transaction = t.begin();
    transaction.set_option(TransactionOption::Timeout(100));
    transaction.set(&t.key("k"), b"v");
    t.sleep_ms(200).await;
    let timed_out = Some(code::TRANSACTION_TIMED_OUT);
    ensure_eq!(
        code_of(transaction.get(&t.key("a"), false).await),
        timed_out,
        "get"
    );
    ensure_eq!(
        code_of(transaction.read_version().await),
        timed_out,
        "read_version"
    );
    ensure_eq!(code_of(transaction.commit().await), timed_out, "commit");
    let answer = transaction
        .on_error(StoreError::new(code::NOT_COMMITTED))
        .await;
    ensure_eq!(code_of(answer), timed_out, "on_error");
    Ok(())
}

/// A transaction whose reads wait for a second: the version that they read at is still to come.
async fn waiting<S: Store>(t: &Context<S>) -> Result<S::Transaction, StoreError> {
    const AHEAD: i64 = 60_000_000;
    let transaction = t.begin();
    transaction.set_read_version(t.begin().read_version().await? + AHEAD);
    Ok(transaction)
}

async fn timeout_while_waiting<S: Store>(t: Context<S>) -> Outcome {
    let transaction = waiting(&t).await?;
    transaction.set_option(TransactionOption::Timeout(50));
    let answer = transaction.get(&t.key("a"), false).await;
    ensure_eq!(
        code_of(answer),
        Some(code::TRANSACTION_TIMED_OUT),
        "the read that waits"
    );
    Ok(())
}

/// Sooner than the read would give up by itself.
const SOON_MS: u64 = FUTURE_VERSION_WAIT_MS * 9 / 10;

/// What happens first.
#[derive(Debug, PartialEq)]
enum Event {
    Interrupted,
    Answered(Option<i32>),
    Late,
}

async fn cancel_while_waiting<S: Store>(t: Context<S>) -> Outcome {
    type Running<'a> = Pin<Box<dyn Future<Output = Event> + 'a>>;
    for is_reset in [false, true] {
        let transaction = waiting(&t).await?;
        let key = t.key("a");
        let read: Running<'_> =
            Box::pin(async { Event::Answered(code_of(transaction.get(&key, false).await)) });
        let interrupt: Running<'_> = Box::pin(async {
            t.sleep_ms(50).await;
            if is_reset {
                transaction.reset();
            } else {
                transaction.cancel();
            }
            Event::Interrupted
        });
        let late: Running<'_> = Box::pin(async {
            t.sleep_ms(SOON_MS).await;
            Event::Late
        });
        // Each runs only when it is woken itself, so the interruption must wake the read.
        let events: Vec<Event> = FuturesUnordered::from_iter([read, interrupt, late])
            .take(2)
            .collect()
            .await;
        let expected = [
            Event::Interrupted,
            Event::Answered(Some(code::TRANSACTION_CANCELLED)),
        ];
        ensure_eq!(events, expected, "what happened, reset {is_reset}");
    }
    Ok(())
}

async fn timeout_reset<S: Store>(t: Context<S>) -> Outcome {
    let transaction = t.begin();
    transaction.set_option(TransactionOption::Timeout(100));
    t.sleep_ms(200).await;
    transaction.reset();
    ensure_eq!(
        code_of(transaction.get(&t.key("a"), false).await),
        None,
        "get after the reset"
    );
    t.sleep_ms(200).await;
    ensure_eq!(
        code_of(transaction.get(&t.key("a"), false).await),
        None,
        "get later"
    );
    Ok(())
}

async fn cancel<S: Store>(t: Context<S>) -> Outcome {
    let transaction = t.begin();
    transaction.set(&t.key("k"), b"v");
    transaction.cancel();
    let cancelled = Some(code::TRANSACTION_CANCELLED);
    ensure_eq!(
        code_of(transaction.get(&t.key("a"), false).await),
        cancelled,
        "get"
    );
    ensure_eq!(code_of(transaction.commit().await), cancelled, "commit");
    let answer = transaction
        .on_error(StoreError::new(code::NOT_COMMITTED))
        .await;
    ensure_eq!(code_of(answer), cancelled, "on_error");
    transaction.reset();
    ensure_eq!(
        transaction.get(&t.key("k"), false).await?,
        None,
        "get after a reset"
    );
    ensure_eq!(
        code_of(transaction.commit().await),
        None,
        "commit after a reset"
    );
    ensure_eq!(t.value("k").await?, None, "what was cancelled");
    Ok(())
}

async fn passing_options<S: Store>(t: Context<S>) -> Outcome {
    let transaction = t.begin();
    transaction.set_option(TransactionOption::ReadYourWritesDisable);
    transaction
        .on_error(StoreError::new(code::NOT_COMMITTED))
        .await?;
    transaction.set(&t.key("k"), b"v");
    ensure_eq!(
        transaction.get(&t.key("k"), false).await?.as_deref(),
        Some(&b"v"[..]),
        "an own write"
    );
    Ok(())
}

async fn timed_out_commit<S: Store>(t: Context<S>) -> Outcome {
    let transaction = t.begin();
    transaction.set_option(TransactionOption::Timeout(50));
    transaction.set(&t.key("k"), b"v");
    t.sleep_ms(150).await;
    ensure_eq!(
        code_of(transaction.commit().await),
        Some(code::TRANSACTION_TIMED_OUT),
        "the commit"
    );
    ensure_eq!(t.value("k").await?, None, "what it would have written");
    Ok(())
}
