//! The window of five seconds between a read version and its use, and what else takes seconds.

use super::context::code_of;
use super::{Context, Outcome, ensure_eq, promises};
use crate::limits::WINDOW_SECONDS;
use crate::{
    KeyRange, KeySelector, RangeRead, Store, StoreError, Transaction, TransactionOption, code,
};

promises! {
    slow: true;
    "a read at a version older than the window fails with 1007" => old_read,
    "a commit whose reads are older than the window fails with 1007" => old_commit,
    "a commit that never asked for a read version is never too old" => old_blind_commit,
    "the first transaction after a long pause is not too old" => pause,
    "the Timeout counts over all tries" => timeout_survives,
    "within the window a transaction stands, however much else is committed" => slow_but_in_time,
    "after 1007 on_error gives a fresh read version" => retry_after_too_old,
}

/// Longer than the window, by as much as clocks and servers may disagree.
const PAST_THE_WINDOW_MS: u64 = WINDOW_SECONDS as u64 * 1_000 + 2_500;

async fn old_read<S: Store>(t: Context<S>) -> Outcome {
    t.put("k", "v").await?;
    let reader = t.begin();
    reader.get(&t.key("k"), false).await?;
    t.sleep_ms(PAST_THE_WINDOW_MS).await;
    ensure_eq!(
        code_of(reader.get(&t.key("other"), false).await),
        Some(code::TRANSACTION_TOO_OLD),
        "get"
    );
    let read = RangeRead::of(&KeyRange::prefix(&t.key("")));
    ensure_eq!(
        code_of(reader.get_range(&read, false).await),
        Some(code::TRANSACTION_TOO_OLD),
        "get_range"
    );
    let selector = KeySelector::first_greater_than(t.key(""));
    ensure_eq!(
        code_of(reader.get_key(&selector, true).await),
        Some(code::TRANSACTION_TOO_OLD),
        "get_key"
    );
    Ok(())
}

async fn old_commit<S: Store>(t: Context<S>) -> Outcome {
    let transaction = t.begin();
    transaction.get(&t.key("k"), false).await?;
    t.sleep_ms(PAST_THE_WINDOW_MS).await;
    transaction.set(&t.key("k"), b"v");
    ensure_eq!(
        code_of(transaction.commit().await),
        Some(code::TRANSACTION_TOO_OLD),
        "the commit"
    );
    ensure_eq!(t.value("k").await?, None, "what it would have written");
    Ok(())
}

async fn old_blind_commit<S: Store>(t: Context<S>) -> Outcome {
    // One that asked is another matter: FoundationDB's client makes every commit conflict with itself, so it has a read.
    let transaction = t.begin();
    transaction.set(&t.key("k"), b"v");
    t.sleep_ms(PAST_THE_WINDOW_MS).await;
    ensure_eq!(code_of(transaction.commit().await), None, "the commit");
    ensure_eq!(
        t.value("k").await?.as_deref(),
        Some(&b"v"[..]),
        "what it wrote"
    );
    Ok(())
}

async fn pause<S: Store>(t: Context<S>) -> Outcome {
    t.put("k", "v").await?;
    t.sleep_ms(PAST_THE_WINDOW_MS).await;
    let reads = t.begin();
    let seen = reads.get(&t.key("k"), false).await?;
    reads.set(&t.key("k"), b"w");
    let names = t.begin();
    names.add_read_conflict_range(&KeyRange::single(&t.key("unread")));
    names.set(&t.key("named"), b"v");
    ensure_eq!(
        code_of(reads.commit().await),
        None,
        "the commit of one that read"
    );
    ensure_eq!(
        code_of(names.commit().await),
        None,
        "the commit of one that named what it rests on"
    );
    ensure_eq!(seen.as_deref(), Some(&b"v"[..]), "what it read");
    Ok(())
}

async fn slow_but_in_time<S: Store>(t: Context<S>) -> Outcome {
    t.put_all(&["early", "late", "other"]).await?;
    let (untouched, meets_early, meets_late) = (t.begin(), t.begin(), t.begin());
    for (transaction, name) in [
        (&untouched, "other"),
        (&meets_early, "early"),
        (&meets_late, "late"),
    ] {
        transaction.get(&t.key(name), false).await?;
        transaction.set(&t.key("x"), b"v");
    }
    t.put("early", "new").await?;
    for _ in 0..4 {
        t.sleep_ms(500).await;
        t.put("busy", "v").await?;
    }
    t.put("late", "new").await?;
    ensure_eq!(
        untouched.get(&t.key("early"), true).await?.as_deref(),
        Some(&b"early"[..]),
        "a read 2 s later"
    );
    ensure_eq!(
        code_of(untouched.commit().await),
        None,
        "the commit of one that nobody met"
    );
    ensure_eq!(
        code_of(meets_early.commit().await),
        Some(code::NOT_COMMITTED),
        "a conflict 2 s ago"
    );
    ensure_eq!(
        code_of(meets_late.commit().await),
        Some(code::NOT_COMMITTED),
        "a conflict just now"
    );
    Ok(())
}

async fn retry_after_too_old<S: Store>(t: Context<S>) -> Outcome {
    let transaction = t.begin();
    let before = transaction.read_version().await?;
    t.sleep_ms(PAST_THE_WINDOW_MS).await;
    let Err(error) = transaction.get(&t.key("k"), false).await else {
        return Err(super::Fault::new("a read past the window succeeded"));
    };
    transaction.on_error(error).await?;
    ensure_eq!(
        transaction.read_version().await? > before,
        true,
        "a newer read version"
    );
    ensure_eq!(
        transaction.get(&t.key("k"), false).await?,
        None,
        "the read of the new try"
    );
    Ok(())
}

async fn timeout_survives<S: Store>(t: Context<S>) -> Outcome {
    let transaction = t.begin();
    transaction.set_option(TransactionOption::Timeout(3_000));
    t.sleep_ms(1_000).await;
    transaction
        .on_error(StoreError::new(code::NOT_COMMITTED))
        .await?;
    t.sleep_ms(2_500).await;
    let answer = transaction.get(&t.key("a"), false).await;
    ensure_eq!(
        code_of(answer),
        Some(code::TRANSACTION_TIMED_OUT),
        "get in the second try"
    );
    Ok(())
}
