//! Versions: what a transaction sees, and when it happened.

use super::context::code_of;
use super::{Context, Fault, Outcome, ensure_eq, promises};
use crate::{Store, Transaction, VERSION_READ_ONLY, code};

promises! {
    slow: false;
    "a transaction sees what was committed before it asked for its read version" => sees_the_past,
    "a transaction does not see what was committed after its read version" => is_isolated,
    "a read version is at least the version of every commit answered before" => read_version_covers_commits,
    "a read version is asked for once and then kept" => read_version_is_kept,
    "commit versions grow from commit to commit" => commit_versions_grow,
    "a commit version is above the read version of its transaction" => commit_is_after_its_read,
    "versions grow with time although nothing is committed" => versions_grow_with_time,
    "a read-only commit has version -1 and no versionstamp" => read_only_commit,
    "reads at a version that was set see that version" => reads_at_a_version,
    "setting the read version after a read is refused" => read_version_set_too_late,
    "reads at a version of the far future are refused" => future_version,
    "writes are not seen by others before the commit" => uncommitted_is_invisible,
    "a transaction's writes become visible together" => writes_are_atomic,
    "mutations apply in the order in which they were made" => mutations_keep_their_order,
}

async fn sees_the_past<S: Store>(t: Context<S>) -> Outcome {
    for value in ["one", "two", "three"] {
        t.put("k", value).await?;
        ensure_eq!(
            t.value("k").await?.as_deref(),
            Some(value.as_bytes()),
            "k after the commit of {value}"
        );
    }
    Ok(())
}

async fn is_isolated<S: Store>(t: Context<S>) -> Outcome {
    t.put("k", "old").await?;
    let reader = t.begin();
    reader.read_version().await?;
    t.put("k", "new").await?;
    t.put("fresh", "x").await?;
    ensure_eq!(
        reader.get(&t.key("k"), false).await?.as_deref(),
        Some(&b"old"[..]),
        "k at the read version"
    );
    ensure_eq!(
        reader.get(&t.key("fresh"), true).await?,
        None,
        "a key created later"
    );
    Ok(())
}

async fn read_version_covers_commits<S: Store>(t: Context<S>) -> Outcome {
    for _ in 0..5 {
        let committed = t.put("k", "v").await?;
        let read_version = t.begin().read_version().await?;
        if read_version < committed.version {
            return Err(Fault::new(format!(
                "read version {read_version} after commit {}",
                committed.version
            )));
        }
    }
    Ok(())
}

async fn read_version_is_kept<S: Store>(t: Context<S>) -> Outcome {
    let transaction = t.begin();
    let first = transaction.read_version().await?;
    t.put("k", "v").await?;
    ensure_eq!(
        transaction.read_version().await?,
        first,
        "the read version asked for again"
    );
    Ok(())
}

async fn commit_versions_grow<S: Store>(t: Context<S>) -> Outcome {
    let mut last = 0;
    for _ in 0..20 {
        let version = t.put("k", "v").await?.version;
        if version <= last {
            return Err(Fault::new(format!("commit version {version} after {last}")));
        }
        last = version;
    }
    Ok(())
}

async fn commit_is_after_its_read<S: Store>(t: Context<S>) -> Outcome {
    for _ in 0..5 {
        let transaction = t.begin();
        let read_version = transaction.read_version().await?;
        transaction.set(&t.key("k"), b"v");
        let committed = transaction.commit().await?;
        if committed.version <= read_version {
            return Err(Fault::new(format!(
                "committed at {} what was read at {read_version}",
                committed.version
            )));
        }
    }
    Ok(())
}

/// FoundationDB's proxies see to it every other second while there is nothing to commit.
async fn versions_grow_with_time<S: Store>(t: Context<S>) -> Outcome {
    const PAUSE_MS: u64 = 200;
    const PAUSES: u64 = 50;
    const GROWTH_MIN: i64 = 20_000;
    let before = t.begin().read_version().await?;
    for _ in 0..PAUSES {
        t.sleep_ms(PAUSE_MS).await;
        if t.begin().read_version().await? - before >= GROWTH_MIN {
            return Ok(());
        }
    }
    Err(Fault::new(format!(
        "versions did not grow by {GROWTH_MIN} in {} ms",
        PAUSES * PAUSE_MS
    )))
}

async fn read_only_commit<S: Store>(t: Context<S>) -> Outcome {
    let transaction = t.begin();
    transaction.get(&t.key("k"), false).await?;
    let committed = transaction.commit().await?;
    ensure_eq!(committed.version, VERSION_READ_ONLY, "the version");
    ensure_eq!(
        code_of(committed.stamp()),
        Some(code::NO_COMMIT_VERSION),
        "its versionstamp"
    );
    Ok(())
}

async fn reads_at_a_version<S: Store>(t: Context<S>) -> Outcome {
    let version = t.put("k", "old").await?.version;
    t.put("k", "new").await?;
    let reader = t.begin();
    reader.set_read_version(version);
    ensure_eq!(reader.read_version().await?, version, "the read version");
    ensure_eq!(
        reader.get(&t.key("k"), false).await?.as_deref(),
        Some(&b"old"[..]),
        "k at the first commit"
    );
    Ok(())
}

async fn read_version_set_too_late<S: Store>(t: Context<S>) -> Outcome {
    let version = t.put("k", "v").await?.version;
    let transaction = t.begin();
    transaction.get(&t.key("k"), false).await?;
    transaction.set_read_version(version);
    let refused = transaction.get(&t.key("k"), false).await;
    ensure_eq!(
        code_of(refused),
        Some(code::READ_VERSION_ALREADY_SET),
        "the next read"
    );
    Ok(())
}

async fn future_version<S: Store>(t: Context<S>) -> Outcome {
    const FAR_AHEAD: i64 = 1_000_000_000_000;
    let version = t.put("k", "v").await?.version;
    let reader = t.begin();
    reader.set_read_version(version + FAR_AHEAD);
    match code_of(reader.get(&t.key("k"), false).await) {
        Some(code::FUTURE_VERSION | code::PROCESS_BEHIND) => Ok(()),
        other => Err(Fault::new(format!(
            "a read at a version of the far future answers {other:?}"
        ))),
    }
}

async fn uncommitted_is_invisible<S: Store>(t: Context<S>) -> Outcome {
    let writer = t.begin();
    writer.set(&t.key("k"), b"v");
    ensure_eq!(t.value("k").await?, None, "k before the commit");
    writer.reset();
    ensure_eq!(
        code_of(writer.commit().await),
        None,
        "the commit after a reset"
    );
    ensure_eq!(t.value("k").await?, None, "k after a reset");
    Ok(())
}

async fn writes_are_atomic<S: Store>(t: Context<S>) -> Outcome {
    for round in 0..5u8 {
        let before = t.begin();
        before.read_version().await?;
        t.write(|writer| (0..10u8).for_each(|key| writer.set(&t.key([key]), &[round])))
            .await?;
        let (old, new) = (round.checked_sub(1), round);
        for key in 0..10u8 {
            let seen = before.get(&t.key([key]), true).await?;
            ensure_eq!(
                seen,
                old.map(|round| vec![round]),
                "key {key} before commit {round}"
            );
            let seen = t.begin().get(&t.key([key]), true).await?;
            ensure_eq!(seen, Some(vec![new]), "key {key} after commit {round}");
        }
    }
    Ok(())
}

async fn mutations_keep_their_order<S: Store>(t: Context<S>) -> Outcome {
    t.put_all(&["a", "b", "c"]).await?;
    t.write(|writer| {
        writer.set(&t.key("a"), b"lost");
        writer.clear_range(&t.range("a", "c"));
        writer.set(&t.key("b"), b"first");
        writer.set(&t.key("b"), b"last");
        writer.set(&t.key("c"), b"lost");
        writer.clear(&t.key("c"));
    })
    .await?;
    ensure_eq!(
        t.rows().await?,
        vec![(b"b".to_vec(), b"last".to_vec())],
        "the rows"
    );
    Ok(())
}
