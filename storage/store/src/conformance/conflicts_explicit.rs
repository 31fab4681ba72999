//! Conflict ranges that a transaction names itself.

use super::conflicts::check;
use super::context::code_of;
use super::{Context, Outcome, ensure_eq, promises};
use crate::{AtomicOp, KeyRange, Store, Transaction, TransactionOption, code};

promises! {
    slow: false;
    "a read conflict range conflicts like a read" => named_read,
    "a read conflict range without a read counts from when the commit asks for its version" => named_read_alone,
    "a read conflict range without a read counts from the read version that was set" => named_read_at_a_version,
    "commits that each count from before the last one's version meet whoever wrote in between" => chain_behind_commits,
    "a write conflict range conflicts with reads like a write" => named_write,
    "a transaction of a write conflict range alone is a real commit" => named_write_commits,
    "a read conflict range does not cover what was written blindly before it" => named_read_after_write,
    "a read conflict range covers what is written blindly after it" => named_read_before_write,
    "a read conflict range ends before its end" => named_read_end,
    "an empty conflict range is none" => empty_range,
    "NextWriteNoWriteConflictRange hides the next write and no other" => next_write_hidden,
    "a versionstamped key conflicts with who read where it came to lie" => stamped_key,
    "a clear of an absent key still conflicts" => clear_of_nothing,
}

async fn named_read<S: Store>(t: Context<S>) -> Outcome {
    for (written, conflicts) in [("b", true), ("c", true), ("a", false), ("d", false)] {
        let read = async |reader: &S::Transaction| {
            reader.add_read_conflict_range(&t.range("b", "d"));
            Ok(())
        };
        check(
            &t,
            read,
            |writer| writer.set(&t.key(written), b"v"),
            conflicts,
        )
        .await?;
    }
    Ok(())
}

async fn named_read_alone<S: Store>(t: Context<S>) -> Outcome {
    let transaction = t.begin();
    transaction.add_read_conflict_range(&KeyRange::single(&t.key("k")));
    transaction.set(&t.key("x"), b"v");
    t.put("k", "v").await?;
    ensure_eq!(
        code_of(transaction.commit().await),
        None,
        "the commit of one that never asked for a version before"
    );
    Ok(())
}

async fn named_read_at_a_version<S: Store>(t: Context<S>) -> Outcome {
    let version = t.put("k", "v").await?.version;
    let conflict = Some(code::NOT_COMMITTED);
    for (from, expected) in [(version - 1, conflict), (version, None)] {
        let transaction = t.begin();
        transaction.set_read_version(from);
        transaction.add_read_conflict_range(&KeyRange::single(&t.key("k")));
        transaction.set(&t.key("x"), b"v");
        let behind = version - from;
        ensure_eq!(
            code_of(transaction.commit().await),
            expected,
            "a commit that counts from {behind} below the write"
        );
    }
    Ok(())
}

/// As an owner does that commits under a lease and does not read it again.
async fn chain_behind_commits<S: Store>(t: Context<S>) -> Outcome {
    let append = async |from: i64, name: &str| {
        let owner = t.begin();
        owner.set_read_version(from);
        owner.add_read_conflict_range(&KeyRange::single(&t.key("lease")));
        owner.set(&t.key(name), b"v");
        owner.commit().await
    };
    let mut from = t.put("first", "v").await?.version - 1;
    for name in ["second", "third"] {
        from = append(from, name).await?.version - 1;
    }
    let taken = t.put("lease", "taken").await?.version;
    let refused = Some(code::NOT_COMMITTED);
    ensure_eq!(code_of(append(from, "late").await), refused, "the next");
    let behind = append(taken - 1, "later").await;
    ensure_eq!(code_of(behind), refused, "one from just before the taking");
    ensure_eq!(t.value("late").await?, None, "what was refused");
    Ok(())
}

async fn named_write<S: Store>(t: Context<S>) -> Outcome {
    let key = t.key("c");
    let write = |writer: &S::Transaction| writer.add_write_conflict_range(&t.range("b", "d"));
    check(
        &t,
        async |reader| reader.get(&key, false).await.map(drop),
        write,
        true,
    )
    .await?;
    let key = t.key("d");
    check(
        &t,
        async |reader| reader.get(&key, false).await.map(drop),
        write,
        false,
    )
    .await
}

async fn named_write_commits<S: Store>(t: Context<S>) -> Outcome {
    let committed = t
        .write(|writer| writer.add_write_conflict_range(&t.range("a", "b")))
        .await?;
    ensure_eq!(
        committed.version > 0 && committed.versionstamp.is_some(),
        true,
        "a commit version, {committed:?}"
    );
    Ok(())
}

async fn named_read_after_write<S: Store>(t: Context<S>) -> Outcome {
    let key = t.key("k");
    let read = async |reader: &S::Transaction| {
        reader.set(&key, b"mine");
        reader.add_read_conflict_range(&KeyRange::single(&key));
        Ok(())
    };
    check(&t, read, |writer| writer.set(&key, b"theirs"), false).await
}

async fn named_read_before_write<S: Store>(t: Context<S>) -> Outcome {
    let key = t.key("k");
    let read = async |reader: &S::Transaction| {
        reader.add_read_conflict_range(&KeyRange::single(&key));
        reader.set(&key, b"mine");
        Ok(())
    };
    check(&t, read, |writer| writer.set(&key, b"theirs"), true).await
}

async fn named_read_end<S: Store>(t: Context<S>) -> Outcome {
    let key = t.key("k");
    let read = async |reader: &S::Transaction| {
        reader.add_read_conflict_range(&KeyRange::single(&key));
        Ok(())
    };
    check(&t, read, |writer| writer.set(&t.key("k\0"), b"v"), false).await
}

async fn empty_range<S: Store>(t: Context<S>) -> Outcome {
    let read = async |reader: &S::Transaction| {
        reader.add_read_conflict_range(&t.range("k", "k"));
        reader.add_write_conflict_range(&t.range("k", "k"));
        Ok(())
    };
    check(&t, read, |writer| writer.set(&t.key("k"), b"v"), false).await?;
    let nothing = t.begin();
    nothing.add_write_conflict_range(&t.range("k", "k"));
    nothing.clear_range(&t.range("k", "k"));
    ensure_eq!(
        nothing.commit().await?.versionstamp,
        None,
        "the stamp of a commit of empty ranges"
    );
    Ok(())
}

async fn next_write_hidden<S: Store>(t: Context<S>) -> Outcome {
    let (hidden, seen) = (t.key("hidden"), t.key("seen"));
    let write = |writer: &S::Transaction| {
        writer.set_option(TransactionOption::NextWriteNoWriteConflictRange);
        writer.set(&hidden, b"v");
        writer.set(&seen, b"v");
    };
    check(
        &t,
        async |reader| reader.get(&hidden, false).await.map(drop),
        write,
        false,
    )
    .await?;
    check(
        &t,
        async |reader| reader.get(&seen, false).await.map(drop),
        write,
        true,
    )
    .await?;
    ensure_eq!(
        t.value("hidden").await?.is_some(),
        true,
        "the hidden write is a write"
    );
    Ok(())
}

async fn stamped_key<S: Store>(t: Context<S>) -> Outcome {
    let range = KeyRange::prefix(&t.key("log/"));
    let read = async |reader: &S::Transaction| {
        reader
            .get_range(&crate::RangeRead::of(&range), false)
            .await
            .map(drop)
    };
    let operand = [
        t.key("log/").as_slice(),
        &[0; 10],
        &(t.key("log/").len() as u32).to_le_bytes(),
    ]
    .concat();
    let write =
        |writer: &S::Transaction| writer.atomic(AtomicOp::SetVersionstampedKey, &operand, b"v");
    check(&t, read, write, true).await
}

async fn clear_of_nothing<S: Store>(t: Context<S>) -> Outcome {
    let key = t.key("absent");
    check(
        &t,
        async |reader| reader.get(&key, false).await.map(drop),
        |writer| writer.clear(&key),
        true,
    )
    .await?;
    let range = t.range("a", "z");
    check(
        &t,
        async |reader| reader.get(&key, false).await.map(drop),
        |writer| writer.clear_range(&range),
        true,
    )
    .await?;
    let late = t.begin();
    late.clear(&key);
    late.add_read_conflict_range(&range);
    t.put("b", "v").await?;
    ensure_eq!(
        code_of(late.commit().await),
        None,
        "a range named without a read version"
    );
    late.reset();
    late.read_version().await?;
    late.clear(&key);
    late.add_read_conflict_range(&range);
    t.put("b", "v").await?;
    ensure_eq!(
        code_of(late.commit().await),
        Some(code::NOT_COMMITTED),
        "a range around an own write"
    );
    Ok(())
}
