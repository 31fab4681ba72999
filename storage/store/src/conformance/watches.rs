//! Watches: told when a key's value is no longer what the transaction saw.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use futures::future::{Either, poll_fn, select, select_all};

use super::context::code_of;
use super::{Context, Fault, Outcome, ensure_eq, promises};
use crate::limits::WATCHES_MAX;
use crate::{Store, StoreError, Transaction, code};

promises! {
    slow: false;
    "a watch is told of a change after its transaction committed" => told_of_change,
    "a watch is told of a clear, and of the creation of an absent key" => told_of_clear,
    "a watch is told of a change by a range clear" => told_of_clear_range,
    "a watch is told of a change between its read version and its commit" => told_of_earlier_change,
    "a watch is not told of a write of the same value or of another key" => not_told_of_same,
    "a watch compares with what its transaction wrote before it" => own_write_is_the_baseline,
    "a watch is active after a read-only commit" => read_only_commit,
    "the watch of a commit that fails fails likewise" => failed_commit,
    "the watch of a transaction that is dropped, reset or cancelled fails" => abandoned,
    "the 10,001st watch at once fails with 1032" => too_many,
}

type Watch = Pin<Box<dyn Future<Output = Result<(), StoreError>>>>;

/// How long a change takes to be told, at most.
const TOLD_MS_MAX: u64 = 5_000;

fn watch<S: Store>(transaction: &S::Transaction, key: &[u8]) -> Watch {
    Box::pin(transaction.watch(key))
}

/// Commits a watch of the key `name`.
async fn committed_watch<S: Store>(t: &Context<S>, name: &str) -> Result<Watch, Fault> {
    let transaction = t.begin();
    let watched = watch::<S>(&transaction, &t.key(name));
    transaction.commit().await?;
    Ok(watched)
}

/// The watch's answer, which must come soon.
async fn told<S: Store>(t: &Context<S>, watched: Watch) -> Result<Option<i32>, Fault> {
    let limit = Box::pin(t.sleep_ms(TOLD_MS_MAX));
    match select(watched, limit).await {
        Either::Left((answer, _)) => Ok(code_of(answer)),
        Either::Right(_) => Err(Fault::new(format!(
            "a watch was not told within {TOLD_MS_MAX} ms"
        ))),
    }
}

async fn is_told_now(watched: &mut Watch) -> bool {
    poll_fn(|context| Poll::Ready(watched.as_mut().poll(context).is_ready())).await
}

async fn told_of_change<S: Store>(t: Context<S>) -> Outcome {
    t.put("k", "old").await?;
    let mut watched = committed_watch(&t, "k").await?;
    ensure_eq!(
        is_told_now(&mut watched).await,
        false,
        "told before the change"
    );
    t.put("k", "new").await?;
    ensure_eq!(told(&t, watched).await?, None, "the watch's answer");
    Ok(())
}

async fn told_of_clear<S: Store>(t: Context<S>) -> Outcome {
    t.put("k", "old").await?;
    let watched = committed_watch(&t, "k").await?;
    t.write(|writer| writer.clear(&t.key("k"))).await?;
    ensure_eq!(told(&t, watched).await?, None, "the watch of a cleared key");
    let watched = committed_watch(&t, "k").await?;
    t.put("k", "").await?;
    ensure_eq!(told(&t, watched).await?, None, "the watch of an absent key");
    Ok(())
}

async fn told_of_clear_range<S: Store>(t: Context<S>) -> Outcome {
    t.put("k", "old").await?;
    let watched = committed_watch(&t, "k").await?;
    t.write(|writer| writer.clear_range(&t.range("a", "z")))
        .await?;
    ensure_eq!(told(&t, watched).await?, None, "the watch's answer");
    Ok(())
}

async fn told_of_earlier_change<S: Store>(t: Context<S>) -> Outcome {
    t.put("k", "old").await?;
    let transaction = t.begin();
    transaction.read_version().await?;
    let watched = watch::<S>(&transaction, &t.key("k"));
    t.put("k", "new").await?;
    transaction.commit().await?;
    ensure_eq!(told(&t, watched).await?, None, "the watch's answer");
    Ok(())
}

async fn not_told_of_same<S: Store>(t: Context<S>) -> Outcome {
    t.put("k", "old").await?;
    let mut watched = committed_watch(&t, "k").await?;
    t.put("k", "old").await?;
    t.put("j", "new").await?;
    t.put("k\0", "new").await?;
    t.sleep_ms(100).await;
    ensure_eq!(
        is_told_now(&mut watched).await,
        false,
        "told although nothing changed"
    );
    t.put("k", "new").await?;
    ensure_eq!(told(&t, watched).await?, None, "the watch's answer");
    Ok(())
}

async fn own_write_is_the_baseline<S: Store>(t: Context<S>) -> Outcome {
    t.put("k", "old").await?;
    let transaction = t.begin();
    transaction.set(&t.key("k"), b"own");
    let mut watched = watch::<S>(&transaction, &t.key("k"));
    transaction.commit().await?;
    t.sleep_ms(100).await;
    ensure_eq!(
        is_told_now(&mut watched).await,
        false,
        "told of the transaction's own write before it"
    );
    t.put("k", "old").await?;
    ensure_eq!(told(&t, watched).await?, None, "the watch's answer");
    Ok(())
}

async fn read_only_commit<S: Store>(t: Context<S>) -> Outcome {
    let transaction = t.begin();
    let watched = watch::<S>(&transaction, &t.key("k"));
    ensure_eq!(
        transaction.commit().await?.versionstamp,
        None,
        "the stamp of the commit"
    );
    t.put("k", "v").await?;
    ensure_eq!(told(&t, watched).await?, None, "the watch's answer");
    Ok(())
}

async fn failed_commit<S: Store>(t: Context<S>) -> Outcome {
    let transaction = t.begin();
    transaction.get(&t.key("a"), false).await?;
    let watched = watch::<S>(&transaction, &t.key("k"));
    transaction.set(&t.key("b"), b"v");
    t.put("a", "v").await?;
    ensure_eq!(
        code_of(transaction.commit().await),
        Some(code::NOT_COMMITTED),
        "the commit"
    );
    ensure_eq!(
        told(&t, watched).await?,
        Some(code::NOT_COMMITTED),
        "the watch's answer"
    );
    Ok(())
}

/// A way to give a transaction up; hands it back if it is still there.
type Abandon<T> = fn(T) -> Option<T>;

async fn abandoned<S: Store>(t: Context<S>) -> Outcome {
    let abandon: [Abandon<S::Transaction>; 3] = [
        |transaction| {
            drop(transaction);
            None
        },
        |transaction| {
            transaction.reset();
            Some(transaction)
        },
        |transaction| {
            transaction.cancel();
            Some(transaction)
        },
    ];
    for (index, abandon) in abandon.into_iter().enumerate() {
        let transaction = t.begin();
        let watched = watch::<S>(&transaction, &t.key("k"));
        let kept = abandon(transaction);
        match told(&t, watched).await? {
            Some(code::TRANSACTION_CANCELLED | code::OPERATION_CANCELLED) => {}
            other => {
                return Err(Fault::new(format!(
                    "a watch abandoned by way {index} answers {other:?}"
                )));
            }
        }
        drop(kept);
    }
    Ok(())
}

async fn too_many<S: Store>(t: Context<S>) -> Outcome {
    let transaction = t.begin();
    let watches: Vec<Watch> = (0..=WATCHES_MAX)
        .map(|_| watch::<S>(&transaction, &t.key("k")))
        .collect();
    transaction.commit().await?;
    let (answer, _, watches) = select_all(watches).await;
    ensure_eq!(
        code_of(answer),
        Some(code::TOO_MANY_WATCHES),
        "the first answer of {} watches",
        WATCHES_MAX + 1
    );
    drop(watches);
    let watched = committed_watch(&t, "k").await?;
    t.put("k", "v").await?;
    ensure_eq!(
        told(&t, watched).await?,
        None,
        "a watch once the others were dropped"
    );
    Ok(())
}
