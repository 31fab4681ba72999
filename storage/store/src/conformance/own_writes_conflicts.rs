//! Read your writes and conflicts: what a transaction wrote itself, it did not learn from the database.

use super::conflicts::check;
use super::{Context, Outcome, promises};
use crate::{AtomicOp, KeySelector, RangeRead, Store, Transaction, rows_all};

promises! {
    slow: false;
    "reading a key that was written blindly adds no conflict" => own_set,
    "reading within an own range clear adds no conflict" => own_clear,
    "reading an atomic operation on an unread value conflicts" => atomic_on_base,
    "reading an atomic operation on an own value adds no conflict" => atomic_on_own,
    "an atomic operation that is not read does not conflict" => atomic_unread,
    "a range read conflicts between own writes and not on them" => range_gaps,
    "a range read that own rows filled up conflicts only as far as it came" => limited_by_own_rows,
    "a range read conflicts where an atomic operation rests on an unread value" => range_atomic,
    "a selector conflicts between own writes and not on them" => selector_gaps,
    "a key that was read before it was written conflicts" => read_then_write,
    "snapshot reads of own writes add no conflict" => snapshot_of_own,
}

async fn own_set<S: Store>(t: Context<S>) -> Outcome {
    let key = t.key("k");
    let read = async |reader: &S::Transaction| {
        reader.set(&key, b"own");
        reader.get(&key, false).await.map(drop)
    };
    check(&t, read, |writer| writer.set(&key, b"theirs"), false).await?;
    let read = async |reader: &S::Transaction| {
        reader.clear(&key);
        reader.get(&key, false).await.map(drop)
    };
    check(&t, read, |writer| writer.set(&key, b"theirs"), false).await
}

async fn own_clear<S: Store>(t: Context<S>) -> Outcome {
    let read = async |reader: &S::Transaction| {
        reader.clear_range(&t.range("b", "d"));
        reader.get(&t.key("c"), false).await?;
        reader
            .get_range(&RangeRead::of(&t.range("b", "d")), false)
            .await
            .map(drop)
    };
    check(&t, read, |writer| writer.set(&t.key("c"), b"theirs"), false).await?;
    check(&t, read, |writer| writer.set(&t.key("d"), b"theirs"), false).await
}

async fn atomic_on_base<S: Store>(t: Context<S>) -> Outcome {
    let key = t.key("k");
    let read = async |reader: &S::Transaction| {
        reader.atomic(AtomicOp::Add, &key, &[1]);
        reader.get(&key, false).await.map(drop)
    };
    check(&t, read, |writer| writer.set(&key, &[1]), true).await
}

async fn atomic_on_own<S: Store>(t: Context<S>) -> Outcome {
    let key = t.key("k");
    let read = async |reader: &S::Transaction| {
        reader.set(&key, &[1]);
        reader.atomic(AtomicOp::Add, &key, &[1]);
        reader.get(&key, false).await.map(drop)
    };
    check(&t, read, |writer| writer.set(&key, &[1]), false).await?;
    let read = async |reader: &S::Transaction| {
        reader.clear_range(&t.range("a", "z"));
        reader.atomic(AtomicOp::Add, &key, &[1]);
        reader.get(&key, false).await.map(drop)
    };
    check(&t, read, |writer| writer.set(&key, &[1]), false).await
}

async fn atomic_unread<S: Store>(t: Context<S>) -> Outcome {
    let key = t.key("k");
    let read = async |reader: &S::Transaction| {
        reader.atomic(AtomicOp::Add, &key, &[1]);
        Ok(())
    };
    check(&t, read, |writer| writer.set(&key, &[1]), false).await
}

async fn range_gaps<S: Store>(t: Context<S>) -> Outcome {
    for reverse in [false, true] {
        for (written, conflicts) in [
            ("c", false),
            ("f", false),
            ("f\0", true),
            ("d", true),
            ("b", true),
            ("z", false),
        ] {
            t.clean().await?;
            let read = async |reader: &S::Transaction| {
                reader.set(&t.key("c"), b"own");
                reader.clear_range(&t.range("e", "f\0"));
                let mut read = RangeRead::of(&t.range("a", "y"));
                read.reverse = reverse;
                rows_all(reader, &read, false).await.map(drop)
            };
            check(
                &t,
                read,
                |writer| writer.set(&t.key(written), b"theirs"),
                conflicts,
            )
            .await?;
        }
    }
    Ok(())
}

async fn limited_by_own_rows<S: Store>(t: Context<S>) -> Outcome {
    // Forwards: b, c (own). Backwards: g, f (own). Not reached: d and e.
    for (reverse, written, conflicts) in [
        (false, "b", true),
        (false, "bb", true),
        (false, "d", false),
        (false, "g", false),
        (true, "g", true),
        (true, "ff", true),
        (true, "e", false),
        (true, "b", false),
    ] {
        t.clean().await?;
        t.put_all(&["b", "d", "e", "g"]).await?;
        let read = async |reader: &S::Transaction| {
            reader.set(&t.key("c"), b"own");
            reader.set(&t.key("f"), b"own");
            let mut read = RangeRead::of(&t.range("a", "y")).limit(2);
            read.reverse = reverse;
            reader.get_range(&read, false).await.map(drop)
        };
        check(
            &t,
            read,
            |writer| writer.set(&t.key(written), b"theirs"),
            conflicts,
        )
        .await?;
    }
    Ok(())
}

async fn range_atomic<S: Store>(t: Context<S>) -> Outcome {
    let read = async |reader: &S::Transaction| {
        reader.clear_range(&t.range("a", "c"));
        reader.atomic(AtomicOp::Add, &t.key("c"), &[1]);
        reader.clear_range(&t.range("c\0", "z"));
        reader
            .get_range(&RangeRead::of(&t.range("a", "z")), false)
            .await
            .map(drop)
    };
    check(&t, read, |writer| writer.set(&t.key("c"), &[1]), true).await?;
    check(&t, read, |writer| writer.set(&t.key("b"), &[1]), false).await
}

async fn selector_gaps<S: Store>(t: Context<S>) -> Outcome {
    for (written, conflicts) in [("c", true), ("d", false), ("e", false)] {
        t.clean().await?;
        let read = async |reader: &S::Transaction| {
            reader.set(&t.key("d"), b"own");
            reader
                .get_key(&KeySelector::first_greater_than(t.key("b")), false)
                .await
                .map(drop)
        };
        check(
            &t,
            read,
            |writer| writer.set(&t.key(written), b"theirs"),
            conflicts,
        )
        .await?;
    }
    Ok(())
}

async fn read_then_write<S: Store>(t: Context<S>) -> Outcome {
    let key = t.key("k");
    let read = async |reader: &S::Transaction| {
        reader.get(&key, false).await?;
        reader.set(&key, b"own");
        reader.get(&key, false).await.map(drop)
    };
    check(&t, read, |writer| writer.set(&key, b"theirs"), true).await
}

async fn snapshot_of_own<S: Store>(t: Context<S>) -> Outcome {
    let read = async |reader: &S::Transaction| {
        reader.atomic(AtomicOp::Add, &t.key("k"), &[1]);
        reader.get(&t.key("k"), true).await?;
        reader
            .get_range(&RangeRead::of(&t.range("a", "z")), true)
            .await
            .map(drop)
    };
    check(&t, read, |writer| writer.set(&t.key("k"), &[1]), false).await
}
