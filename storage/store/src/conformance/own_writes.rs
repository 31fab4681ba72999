//! Read your writes: what a transaction sees of itself.

use super::context::code_of;
use super::{Context, Outcome, ensure_eq, promises};
use crate::{AtomicOp, KeySelector, RangeRead, Store, Transaction, TransactionOption, code};

promises! {
    slow: false;
    "get sees own sets, clears and range clears, the last one counts" => get_sees_writes,
    "get sees own atomic operations on committed, own and cleared values" => get_sees_atomics,
    "a range read merges own writes, in both directions" => range_merges,
    "the limit of a range read counts own rows, and not those that it cleared" => range_limits,
    "a selector counts own keys, and not those that it cleared" => selector_merges,
    "a range read sees own atomic operations" => range_sees_atomics,
    "own range clears that touch, overlap and split are seen" => range_clears,
    "snapshot reads see own writes" => snapshot_sees_writes,
    "SnapshotRywDisable hides own writes from snapshot reads, SnapshotRywEnable undoes it" => snapshot_ryw,
    "ReadYourWritesDisable hides own writes" => ryw_disabled,
    "ReadYourWritesDisable after a write is refused" => ryw_disabled_late,
    "after a reset own writes are gone" => reset_forgets,
    "what is used while or after its commit runs fails with 2017" => used_during_commit,
}

async fn get_sees_writes<S: Store>(t: Context<S>) -> Outcome {
    t.put_all(&["a", "b", "c"]).await?;
    let own = t.begin();
    let (a, b, c) = (t.key("a"), t.key("b"), t.key("c"));
    own.set(&a, b"1");
    ensure_eq!(
        own.get(&a, false).await?.as_deref(),
        Some(&b"1"[..]),
        "after a set"
    );
    own.clear(&a);
    ensure_eq!(own.get(&a, false).await?, None, "after a clear");
    own.set(&a, b"2");
    own.clear_range(&t.range("a", "c"));
    ensure_eq!(own.get(&a, false).await?, None, "a after a range clear");
    ensure_eq!(own.get(&b, false).await?, None, "b after a range clear");
    ensure_eq!(
        own.get(&c, false).await?.as_deref(),
        Some(&b"c"[..]),
        "c past a range clear"
    );
    own.set(&b, b"3");
    ensure_eq!(
        own.get(&b, false).await?.as_deref(),
        Some(&b"3"[..]),
        "after a set within a range clear"
    );
    own.commit().await?;
    ensure_eq!(
        t.rows().await?,
        vec![
            (b"b".to_vec(), b"3".to_vec()),
            (b"c".to_vec(), b"c".to_vec())
        ],
        "committed"
    );
    Ok(())
}

async fn get_sees_atomics<S: Store>(t: Context<S>) -> Outcome {
    t.write(|writer| {
        ["base", "cleared"]
            .iter()
            .for_each(|name| writer.set(&t.key(name), &[10]))
    })
    .await?;
    let own = t.begin();
    own.set(&t.key("own"), &[20]);
    own.clear_range(&t.range("c", "d"));
    for name in ["base", "own", "cleared", "absent"] {
        own.atomic(AtomicOp::Add, &t.key(name), &[1]);
        own.atomic(AtomicOp::Add, &t.key(name), &[2]);
    }
    for (name, sum) in [("base", 13), ("own", 23), ("cleared", 3), ("absent", 3)] {
        ensure_eq!(
            own.get(&t.key(name), false).await?,
            Some(vec![sum]),
            "{name} before the commit"
        );
    }
    own.commit().await?;
    for (name, sum) in [("base", 13), ("own", 23), ("cleared", 3), ("absent", 3)] {
        ensure_eq!(
            t.value(name).await?,
            Some(vec![sum]),
            "{name} after the commit"
        );
    }
    Ok(())
}

/// Committed: b d f h. Own: a and e set, d and h cleared.
async fn mixed<S: Store>(t: &Context<S>) -> Result<S::Transaction, super::Fault> {
    t.put_all(&["b", "d", "f", "h"]).await?;
    let own = t.begin();
    own.set(&t.key("a"), b"own");
    own.set(&t.key("e"), b"own");
    own.clear(&t.key("d"));
    own.clear_range(&t.range("g", "i"));
    Ok(own)
}

async fn range_merges<S: Store>(t: Context<S>) -> Outcome {
    let own = mixed(&t).await?;
    let read = RangeRead::of(&t.everything());
    ensure_eq!(t.names(&own, &read, false).await?, "a b e f", "forwards");
    ensure_eq!(
        t.names(&own, &read.clone().reverse(), false).await?,
        "f e b a",
        "backwards"
    );
    let part = RangeRead::of(&t.range("b", "f"));
    ensure_eq!(
        t.names(&own, &part, false).await?,
        "b e",
        "a part, end exclusive"
    );
    own.set(&t.key("b"), b"over");
    let rows = own.get_range(&part, false).await?.rows;
    ensure_eq!(rows[0].1.as_slice(), b"over", "an overwritten value");
    Ok(())
}

async fn range_limits<S: Store>(t: Context<S>) -> Outcome {
    let own = mixed(&t).await?;
    let read = RangeRead::of(&t.everything());
    for (limit, forwards, backwards) in [(1, "a", "f"), (2, "a b", "f e"), (3, "a b e", "f e b")] {
        ensure_eq!(
            t.names(&own, &read.clone().limit(limit), false).await?,
            forwards,
            "{limit} forwards"
        );
        let reverse = read.clone().limit(limit).reverse();
        ensure_eq!(
            t.names(&own, &reverse, false).await?,
            backwards,
            "{limit} backwards"
        );
    }
    Ok(())
}

async fn selector_merges<S: Store>(t: Context<S>) -> Outcome {
    let own = mixed(&t).await?;
    for (selector, expected) in [
        (KeySelector::first_greater_or_equal(t.key("a")), "a"),
        (KeySelector::first_greater_than(t.key("b")), "e"),
        (KeySelector::first_greater_than(t.key("a")).plus(2), "f"),
        (KeySelector::last_less_than(t.key("e")), "b"),
        (KeySelector::last_less_or_equal(t.key("z")), "f"),
        (KeySelector::last_less_or_equal(t.key("z")).plus(-2), "b"),
    ] {
        ensure_eq!(
            t.shown(&own.get_key(&selector, false).await?),
            expected,
            "{selector:?}"
        );
    }
    Ok(())
}

async fn range_sees_atomics<S: Store>(t: Context<S>) -> Outcome {
    t.write(|writer| {
        writer.set(&t.key("a"), &[5]);
        writer.set(&t.key("c"), &[7]);
    })
    .await?;
    let own = t.begin();
    own.atomic(AtomicOp::Add, &t.key("a"), &[1]);
    own.atomic(AtomicOp::Add, &t.key("b"), &[9]);
    own.atomic(AtomicOp::CompareAndClear, &t.key("c"), &[7]);
    for read in [
        RangeRead::of(&t.everything()),
        RangeRead::of(&t.everything()).reverse(),
    ] {
        let mut rows = own.get_range(&read, false).await?.rows;
        rows.sort();
        ensure_eq!(
            rows,
            vec![(t.key("a"), vec![6]), (t.key("b"), vec![9])],
            "reverse {}",
            read.reverse
        );
    }
    Ok(())
}

async fn range_clears<S: Store>(t: Context<S>) -> Outcome {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    t.put_all(&names).await?;
    let own = t.begin();
    let read = RangeRead::of(&t.everything());
    for (begin, end, left) in [
        ("b", "c", "a c d e f g h"),
        ("c", "d", "a d e f g h"),
        ("a\0", "e", "a e f g h"),
        ("g", "gz", "a e f h"),
    ] {
        own.clear_range(&t.range(begin, end));
        ensure_eq!(
            t.names(&own, &read, false).await?,
            left,
            "after the clear of {begin} to {end}"
        );
        let backwards = left.split(' ').rev().collect::<Vec<_>>().join(" ");
        ensure_eq!(
            t.names(&own, &read.clone().reverse(), false).await?,
            backwards,
            "backwards"
        );
    }
    own.set(&t.key("c"), b"again");
    ensure_eq!(
        t.names(&own, &read, false).await?,
        "a c e f h",
        "after a set within"
    );
    own.clear_range(&t.range("a", "z"));
    ensure_eq!(
        t.names(&own, &read, false).await?,
        "",
        "after the clear of all"
    );
    Ok(())
}

async fn snapshot_sees_writes<S: Store>(t: Context<S>) -> Outcome {
    let own = mixed(&t).await?;
    ensure_eq!(
        own.get(&t.key("a"), true).await?.as_deref(),
        Some(&b"own"[..]),
        "get"
    );
    ensure_eq!(
        t.names(&own, &RangeRead::of(&t.everything()), true).await?,
        "a b e f",
        "get_range"
    );
    Ok(())
}

async fn snapshot_ryw<S: Store>(t: Context<S>) -> Outcome {
    let own = mixed(&t).await?;
    let read = RangeRead::of(&t.everything());
    own.set_option(TransactionOption::SnapshotRywDisable);
    ensure_eq!(
        own.get(&t.key("a"), true).await?,
        None,
        "a snapshot get, disabled"
    );
    ensure_eq!(
        t.names(&own, &read, true).await?,
        "b d f h",
        "a snapshot range, disabled"
    );
    ensure_eq!(
        t.names(&own, &read, false).await?,
        "a b e f",
        "a plain range, disabled for snapshots"
    );
    own.set_option(TransactionOption::SnapshotRywEnable);
    ensure_eq!(
        t.names(&own, &read, true).await?,
        "a b e f",
        "a snapshot range, enabled again"
    );
    Ok(())
}

async fn ryw_disabled<S: Store>(t: Context<S>) -> Outcome {
    t.put("b", "b").await?;
    let own = t.begin();
    own.set_option(TransactionOption::ReadYourWritesDisable);
    own.set(&t.key("a"), b"own");
    own.clear(&t.key("b"));
    ensure_eq!(own.get(&t.key("a"), false).await?, None, "an own set");
    ensure_eq!(
        t.names(&own, &RangeRead::of(&t.everything()), false)
            .await?,
        "b",
        "a range"
    );
    own.commit().await?;
    ensure_eq!(
        t.rows().await?,
        vec![(b"a".to_vec(), b"own".to_vec())],
        "committed"
    );
    Ok(())
}

async fn ryw_disabled_late<S: Store>(t: Context<S>) -> Outcome {
    let own = t.begin();
    own.set(&t.key("a"), b"own");
    own.set_option(TransactionOption::ReadYourWritesDisable);
    ensure_eq!(
        code_of(own.commit().await),
        Some(code::CLIENT_INVALID_OPERATION),
        "the commit"
    );
    Ok(())
}

async fn reset_forgets<S: Store>(t: Context<S>) -> Outcome {
    let own = mixed(&t).await?;
    own.reset();
    ensure_eq!(
        t.names(&own, &RangeRead::of(&t.everything()), false)
            .await?,
        "b d f h",
        "after the reset"
    );
    Ok(())
}

async fn used_during_commit<S: Store>(t: Context<S>) -> Outcome {
    let own = t.begin();
    own.set(&t.key("a"), b"own");
    let key = t.key("a");
    let (_, read) = futures::join!(own.commit(), own.get(&key, false));
    ensure_eq!(
        code_of(read),
        Some(code::USED_DURING_COMMIT),
        "a get beside the commit"
    );
    ensure_eq!(
        code_of(own.commit().await),
        Some(code::USED_DURING_COMMIT),
        "a second commit"
    );
    own.reset();
    ensure_eq!(
        code_of(own.get(&key, false).await),
        None,
        "a get after a reset"
    );
    Ok(())
}
