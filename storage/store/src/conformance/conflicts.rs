//! Conflicts: a transaction fails if something that it read was written since.

use super::context::code_of;
use super::{Context, Fault, Outcome, ensure_eq, promises};
use crate::{AtomicOp, KeyRange, KeySelector, RangeRead, Store, StoreError, Transaction, code};

promises! {
    slow: false;
    "a key that was read and then set by another conflicts" => get_meets_set,
    "a key that was read as absent and then created conflicts" => get_meets_creation,
    "a key that was read and then cleared by another conflicts" => get_meets_clear,
    "a key that was read within a range cleared by another conflicts" => get_meets_clear_range,
    "a key that was read and then written by an atomic operation conflicts" => get_meets_atomic,
    "a key that was read does not conflict with writes of its neighbours" => get_misses_neighbours,
    "a write does not conflict with a write" => write_misses_write,
    "a range that was read conflicts with a row inserted into it" => range_meets_insert,
    "a range that was read does not conflict with writes at its end or before it" => range_misses_outside,
    "a range read that stopped at its limit conflicts only as far as it came" => limited_range,
    "a reverse range read that stopped at its limit conflicts only as far as it came" => limited_reverse_range,
    "a resolved selector conflicts with a key inserted on its way" => selector_meets_insert,
    "a resolved selector does not conflict past the key that it found" => selector_misses_beyond,
    "snapshot reads add no conflicts" => snapshot_reads,
    "a read-only transaction never conflicts" => read_only,
    "a refused commit applies nothing" => refused_applies_nothing,
    "of two transactions that each read what the other writes, one is refused" => write_skew,
    "an increment by read and write is never lost" => no_lost_update,
    "what was committed at the read version itself does not conflict" => read_at_the_commit,
    "a commit after the read version but before the first read conflicts" => version_then_read,
}

/// Lets one transaction read and another write what it may have read, and checks the first one's commit.
pub(super) async fn check<S: Store>(
    t: &Context<S>,
    read: impl AsyncFnOnce(&S::Transaction) -> Result<(), StoreError>,
    write: impl Fn(&S::Transaction),
    conflicts: bool,
) -> Outcome {
    let reader = t.begin();
    reader.read_version().await?;
    read(&reader).await?;
    t.write(write).await?;
    reader.set(&t.key("~reader"), b"v");
    match code_of(reader.commit().await) {
        Some(code::NOT_COMMITTED) if conflicts => Ok(()),
        None if !conflicts => Ok(()),
        Some(code::NOT_COMMITTED) => Err(Fault::new("a conflict, where none was promised")),
        None => Err(Fault::new("no conflict, where one was promised")),
        Some(other) => Err(StoreError::new(other).into()),
    }
}

async fn get_meets_set<S: Store>(t: Context<S>) -> Outcome {
    t.put("k", "v").await?;
    let key = t.key("k");
    check(
        &t,
        async |reader| reader.get(&key, false).await.map(drop),
        |writer| writer.set(&key, b"w"),
        true,
    )
    .await
}

async fn get_meets_creation<S: Store>(t: Context<S>) -> Outcome {
    let key = t.key("k");
    check(
        &t,
        async |reader| reader.get(&key, false).await.map(drop),
        |writer| writer.set(&key, b""),
        true,
    )
    .await
}

async fn get_meets_clear<S: Store>(t: Context<S>) -> Outcome {
    t.put("k", "v").await?;
    let key = t.key("k");
    check(
        &t,
        async |reader| reader.get(&key, false).await.map(drop),
        |writer| writer.clear(&key),
        true,
    )
    .await
}

async fn get_meets_clear_range<S: Store>(t: Context<S>) -> Outcome {
    let (key, range) = (t.key("k"), t.range("a", "z"));
    check(
        &t,
        async |reader| reader.get(&key, false).await.map(drop),
        |writer| writer.clear_range(&range),
        true,
    )
    .await
}

async fn get_meets_atomic<S: Store>(t: Context<S>) -> Outcome {
    let key = t.key("k");
    let add = |writer: &S::Transaction| writer.atomic(AtomicOp::Add, &key, &[1]);
    check(
        &t,
        async |reader| reader.get(&key, false).await.map(drop),
        add,
        true,
    )
    .await
}

async fn get_misses_neighbours<S: Store>(t: Context<S>) -> Outcome {
    let key = t.key("k");
    let write = |writer: &S::Transaction| {
        writer.set(&t.key("j"), b"v");
        writer.set(&t.key("k\0"), b"v");
        writer.clear_range(&t.range("a", "k"));
    };
    check(
        &t,
        async |reader| reader.get(&key, false).await.map(drop),
        write,
        false,
    )
    .await
}

async fn write_misses_write<S: Store>(t: Context<S>) -> Outcome {
    let key = t.key("k");
    let read = async |reader: &S::Transaction| {
        reader.set(&key, b"first");
        Ok(())
    };
    check(&t, read, |writer| writer.set(&key, b"second"), false).await?;
    ensure_eq!(
        t.value("k").await?.as_deref(),
        Some(&b"first"[..]),
        "the value of the later commit"
    );
    Ok(())
}

async fn range_meets_insert<S: Store>(t: Context<S>) -> Outcome {
    t.put_all(&["a", "c"]).await?;
    let read = RangeRead::of(&t.range("a", "d"));
    for inserted in ["a", "b", "c\0"] {
        let key = t.key(inserted);
        let write = |writer: &S::Transaction| writer.set(&key, b"v");
        check(
            &t,
            async |reader| reader.get_range(&read, false).await.map(drop),
            write,
            true,
        )
        .await?;
    }
    Ok(())
}

async fn range_misses_outside<S: Store>(t: Context<S>) -> Outcome {
    t.put_all(&["b", "c"]).await?;
    let read = RangeRead::of(&t.range("b", "d"));
    let write = |writer: &S::Transaction| {
        writer.set(&t.key("a\0"), b"v");
        writer.set(&t.key("d"), b"v");
    };
    check(
        &t,
        async |reader| reader.get_range(&read, false).await.map(drop),
        write,
        false,
    )
    .await
}

async fn limited_range<S: Store>(t: Context<S>) -> Outcome {
    let read = RangeRead::of(&t.range("a", "z")).limit(2);
    for (written, conflicts) in [("d", false), ("c\0", false), ("c", true), ("a", true)] {
        t.clean().await?;
        t.put_all(&["b", "c", "e"]).await?;
        let write = |writer: &S::Transaction| writer.set(&t.key(written), b"w");
        check(
            &t,
            async |reader| reader.get_range(&read, false).await.map(drop),
            write,
            conflicts,
        )
        .await?;
    }
    Ok(())
}

async fn limited_reverse_range<S: Store>(t: Context<S>) -> Outcome {
    let read = RangeRead::of(&t.range("a", "y")).limit(2).reverse();
    for (written, conflicts) in [("b", false), ("bz", false), ("c", true), ("f", true)] {
        t.clean().await?;
        t.put_all(&["b", "c", "e"]).await?;
        let write = |writer: &S::Transaction| writer.set(&t.key(written), b"w");
        check(
            &t,
            async |reader| reader.get_range(&read, false).await.map(drop),
            write,
            conflicts,
        )
        .await?;
    }
    Ok(())
}

async fn selector_meets_insert<S: Store>(t: Context<S>) -> Outcome {
    for (selector, inserted) in [
        (KeySelector::first_greater_or_equal(t.key("c")), "d"),
        (KeySelector::first_greater_than(t.key("b")).plus(1), "c"),
        (KeySelector::last_less_than(t.key("e")), "d"),
        (KeySelector::last_less_or_equal(t.key("e")).plus(-1), "c"),
    ] {
        t.clean().await?;
        t.put_all(&["b", "e", "g"]).await?;
        let write = |writer: &S::Transaction| writer.set(&t.key(inserted), b"v");
        check(
            &t,
            async |reader| reader.get_key(&selector, false).await.map(drop),
            write,
            true,
        )
        .await?;
    }
    Ok(())
}

async fn selector_misses_beyond<S: Store>(t: Context<S>) -> Outcome {
    for (selector, inserted) in [
        (KeySelector::first_greater_or_equal(t.key("c")), "e\0"),
        (KeySelector::first_greater_or_equal(t.key("c")), "bb"),
        (KeySelector::last_less_than(t.key("g")), "d"),
        (KeySelector::last_less_than(t.key("g")), "g"),
    ] {
        t.clean().await?;
        t.put_all(&["b", "e", "g"]).await?;
        let write = |writer: &S::Transaction| writer.set(&t.key(inserted), b"v");
        check(
            &t,
            async |reader| reader.get_key(&selector, false).await.map(drop),
            write,
            false,
        )
        .await?;
    }
    Ok(())
}

async fn snapshot_reads<S: Store>(t: Context<S>) -> Outcome {
    t.put_all(&["a", "b"]).await?;
    let read = async |reader: &S::Transaction| {
        reader.get(&t.key("a"), true).await?;
        reader
            .get_range(&RangeRead::of(&t.range("a", "z")), true)
            .await?;
        reader
            .get_key(&KeySelector::first_greater_than(t.key("a")), true)
            .await?;
        Ok(())
    };
    check(
        &t,
        read,
        |writer| writer.clear_range(&t.range("a", "z")),
        false,
    )
    .await
}

async fn read_only<S: Store>(t: Context<S>) -> Outcome {
    let reader = t.begin();
    reader.get(&t.key("k"), false).await?;
    t.put("k", "v").await?;
    ensure_eq!(
        code_of(reader.commit().await),
        None,
        "the commit of a reader"
    );
    Ok(())
}

async fn refused_applies_nothing<S: Store>(t: Context<S>) -> Outcome {
    let loser = t.begin();
    loser.get(&t.key("k"), false).await?;
    loser.set(&t.key("a"), b"lost");
    loser.atomic(AtomicOp::Add, &t.key("b"), b"lost");
    loser.clear(&t.key("k"));
    t.put("k", "v").await?;
    ensure_eq!(
        code_of(loser.commit().await),
        Some(code::NOT_COMMITTED),
        "the commit"
    );
    ensure_eq!(
        t.rows().await?,
        vec![(b"k".to_vec(), b"v".to_vec())],
        "the rows"
    );
    Ok(())
}

async fn write_skew<S: Store>(t: Context<S>) -> Outcome {
    let (one, other) = (t.begin(), t.begin());
    one.get(&t.key("a"), false).await?;
    other.get(&t.key("b"), false).await?;
    one.set(&t.key("b"), b"v");
    other.set(&t.key("a"), b"v");
    let (one, other) = futures::join!(one.commit(), other.commit());
    let codes = [code_of(one), code_of(other)];
    let refused = codes
        .iter()
        .filter(|code| **code == Some(code::NOT_COMMITTED))
        .count();
    ensure_eq!(
        (refused, codes.contains(&None)),
        (1, true),
        "the two commits, {codes:?}"
    );
    Ok(())
}

async fn no_lost_update<S: Store>(t: Context<S>) -> Outcome {
    const WRITERS: u8 = 6;
    let mut writers: Vec<S::Transaction> = (0..WRITERS).map(|_| t.begin()).collect();
    for left in (1..=writers.len()).rev() {
        let mut counts = Vec::new();
        for writer in &writers {
            counts.push(
                writer
                    .get(&t.key("k"), false)
                    .await?
                    .map_or(0, |value| value[0]),
            );
        }
        let mut refused = Vec::new();
        for (writer, count) in writers.into_iter().zip(counts) {
            writer.set(&t.key("k"), &[count + 1]);
            match writer.commit().await {
                Ok(_) => {}
                // Not sure is not good enough for a count.
                Err(error) if error.is_maybe_committed() => return Err(error.into()),
                Err(error) => {
                    writer.on_error(error).await?;
                    refused.push(writer);
                }
            }
        }
        ensure_eq!(
            refused.len(),
            left - 1,
            "how many were refused of {left} that read the same count"
        );
        writers = refused;
    }
    ensure_eq!(t.value("k").await?, Some(vec![WRITERS]), "the count");
    Ok(())
}

async fn version_then_read<S: Store>(t: Context<S>) -> Outcome {
    let late = t.begin();
    late.read_version().await?;
    t.put("k", "v").await?;
    ensure_eq!(
        late.get(&t.key("k"), false).await?,
        None,
        "k at the read version"
    );
    late.add_write_conflict_range(&KeyRange::single(&t.key("x")));
    ensure_eq!(
        code_of(late.commit().await),
        Some(code::NOT_COMMITTED),
        "the commit"
    );
    Ok(())
}

async fn read_at_the_commit<S: Store>(t: Context<S>) -> Outcome {
    let version = t.put("k", "v").await?.version;
    let transaction = t.begin();
    transaction.set_read_version(version);
    t.put("~later", "v").await?;
    ensure_eq!(
        transaction.get(&t.key("k"), false).await?.as_deref(),
        Some(&b"v"[..]),
        "k at its own commit"
    );
    transaction
        .get_range(&RangeRead::of(&t.range("a", "z")), false)
        .await?;
    transaction.set(&t.key("k"), b"w");
    ensure_eq!(code_of(transaction.commit().await), None, "the commit");
    Ok(())
}
