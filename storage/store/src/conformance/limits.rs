//! Limits: what is too large or out of bounds is refused, whole, when the transaction commits.

use super::context::code_of;
use super::{Context, Outcome, ensure_eq, promises};
use crate::limits::{KEY_BYTES_MAX, KEY_SPACE_END, VALUE_BYTES_MAX};
use crate::{
    AtomicOp, KeyRange, KeySelector, RangeRead, Store, Transaction, TransactionOption, code,
};

promises! {
    slow: false;
    "a key of 10,000 bytes is stored, a longer one fails the commit with 2102" => key_size,
    "a value of 100,000 bytes is stored, a longer one fails the commit with 2103" => value_size,
    "a transaction past 10,000,000 bytes fails with 2101, one below commits" => transaction_size,
    "conflict ranges count towards the size of a transaction" => conflict_ranges_count,
    "SizeLimit lowers the limit, within its bounds" => size_limit,
    "writes of system keys fail the commit with 2004" => system_key_write,
    "reads of system keys fail with 2004" => system_key_read,
    "an inverted range fails the commit with 2005" => inverted_range,
    "clearing a key that is too long does nothing" => long_clear,
    "reading a key that is too long finds nothing" => long_read,
    "a refused write leaves nothing of its transaction" => refused_whole,
}

async fn key_size<S: Store>(t: Context<S>) -> Outcome {
    let longest = vec![b'k'; KEY_BYTES_MAX - t.key("").len()];
    let key = t.key(&longest);
    t.write(|writer| writer.set(&key, b"v")).await?;
    ensure_eq!(
        t.begin().get(&key, true).await?.as_deref(),
        Some(&b"v"[..]),
        "the longest key"
    );
    let longer = [key.as_slice(), b"k"].concat();
    for is_atomic in [false, true] {
        let writer = t.begin();
        if is_atomic {
            writer.atomic(AtomicOp::Add, &longer, b"v");
        } else {
            writer.set(&longer, b"v");
        }
        ensure_eq!(
            code_of(writer.commit().await),
            Some(code::KEY_TOO_LARGE),
            "one byte more"
        );
    }
    Ok(())
}

async fn value_size<S: Store>(t: Context<S>) -> Outcome {
    let largest = vec![b'v'; VALUE_BYTES_MAX];
    t.put("k", &largest).await?;
    ensure_eq!(
        t.value("k").await?.map(|value| value.len()),
        Some(VALUE_BYTES_MAX),
        "the largest value"
    );
    let writer = t.begin();
    writer.set(&t.key("k"), &[largest.as_slice(), b"v"].concat());
    ensure_eq!(
        code_of(writer.commit().await),
        Some(code::VALUE_TOO_LARGE),
        "one byte more"
    );
    Ok(())
}

async fn transaction_size<S: Store>(t: Context<S>) -> Outcome {
    let value = vec![b'v'; VALUE_BYTES_MAX];
    let write = |writer: &S::Transaction, rows: u8| {
        (0..rows).for_each(|row| writer.set(&t.key([row]), &value))
    };
    let (below, above) = (t.begin(), t.begin());
    write(&below, 95);
    write(&above, 100);
    ensure_eq!(
        code_of(below.commit().await),
        None,
        "9,500,000 bytes of values"
    );
    t.clean().await?;
    ensure_eq!(
        code_of(above.commit().await),
        Some(code::TRANSACTION_TOO_LARGE),
        "10,000,000 bytes and their keys"
    );
    ensure_eq!(t.rows().await?.len(), 0, "rows of the refused one");
    Ok(())
}

async fn conflict_ranges_count<S: Store>(t: Context<S>) -> Outcome {
    let long = t.key("k".repeat(600));
    for is_read in [true, false] {
        let writer = t.begin();
        writer.set_option(TransactionOption::SizeLimit(1_000));
        writer.set(&t.key("a"), b"v");
        if is_read {
            writer.add_read_conflict_range(&KeyRange::single(&long));
        } else {
            writer.add_write_conflict_range(&KeyRange::single(&long));
        }
        ensure_eq!(
            code_of(writer.commit().await),
            Some(code::TRANSACTION_TOO_LARGE),
            "read {is_read}"
        );
    }
    Ok(())
}

async fn size_limit<S: Store>(t: Context<S>) -> Outcome {
    let writer = t.begin();
    writer.set_option(TransactionOption::SizeLimit(1_000));
    writer.set(&t.key("a"), &[b'v'; 300]);
    ensure_eq!(code_of(writer.commit().await), None, "300 bytes");
    let writer = t.begin();
    writer.set_option(TransactionOption::SizeLimit(1_000));
    writer.set(&t.key("a"), &[b'v'; 1_001]);
    ensure_eq!(
        code_of(writer.commit().await),
        Some(code::TRANSACTION_TOO_LARGE),
        "1,001 bytes"
    );
    for bytes in [31, 10_000_001] {
        let writer = t.begin();
        writer.set_option(TransactionOption::SizeLimit(bytes));
        writer.set(&t.key("a"), b"v");
        ensure_eq!(
            code_of(writer.commit().await),
            Some(code::INVALID_OPTION_VALUE),
            "a limit of {bytes}"
        );
    }
    Ok(())
}

async fn system_key_write<S: Store>(t: Context<S>) -> Outcome {
    let writes: [fn(&S::Transaction); 6] = [
        |writer| writer.set(b"\xff", b"v"),
        |writer| writer.clear(b"\xff/x"),
        |writer| writer.atomic(AtomicOp::Add, b"\xffx", b"v"),
        |writer| writer.clear_range(&KeyRange::new("\u{10ffff}", *b"\xff\xff")),
        |writer| writer.add_read_conflict_range(&KeyRange::new("a", *b"\xff\0")),
        |writer| writer.add_write_conflict_range(&KeyRange::new("a", *b"\xff\0")),
    ];
    for (index, write) in writes.into_iter().enumerate() {
        let writer = t.begin();
        writer.set(&t.key("a"), b"v");
        write(&writer);
        ensure_eq!(
            code_of(writer.commit().await),
            Some(code::KEY_OUTSIDE_LEGAL_RANGE),
            "write {index}"
        );
    }
    Ok(())
}

async fn system_key_read<S: Store>(t: Context<S>) -> Outcome {
    let reader = t.begin();
    let refused = Some(code::KEY_OUTSIDE_LEGAL_RANGE);
    ensure_eq!(
        code_of(reader.get(KEY_SPACE_END, true).await),
        refused,
        "get"
    );
    let selector = KeySelector::first_greater_or_equal(*b"\xff\0");
    ensure_eq!(
        code_of(reader.get_key(&selector, true).await),
        refused,
        "get_key"
    );
    let read = RangeRead::of(&KeyRange::new(t.key(""), *b"\xff\xff")).limit(1);
    ensure_eq!(
        code_of(reader.get_range(&read, true).await),
        refused,
        "get_range"
    );
    Ok(())
}

async fn inverted_range<S: Store>(t: Context<S>) -> Outcome {
    let inverted = t.range("b", "a");
    let writes: [fn(&S::Transaction, &KeyRange); 3] = [
        |writer, range| writer.clear_range(range),
        |writer, range| writer.add_read_conflict_range(range),
        |writer, range| writer.add_write_conflict_range(range),
    ];
    for (index, write) in writes.into_iter().enumerate() {
        let writer = t.begin();
        write(&writer, &inverted);
        ensure_eq!(
            code_of(writer.commit().await),
            Some(code::INVERTED_RANGE),
            "write {index}"
        );
    }
    Ok(())
}

async fn long_clear<S: Store>(t: Context<S>) -> Outcome {
    t.put("k", "v").await?;
    let writer = t.begin();
    writer.clear(&t.key(vec![b'k'; KEY_BYTES_MAX + 1]));
    ensure_eq!(code_of(writer.commit().await), None, "the commit");
    ensure_eq!(
        t.value("k").await?.is_some(),
        true,
        "another key is left alone"
    );
    Ok(())
}

async fn long_read<S: Store>(t: Context<S>) -> Outcome {
    ensure_eq!(
        t.begin()
            .get(&t.key(vec![b'k'; KEY_BYTES_MAX + 1]), true)
            .await?,
        None,
        "the value"
    );
    Ok(())
}

async fn refused_whole<S: Store>(t: Context<S>) -> Outcome {
    let writer = t.begin();
    writer.set(&t.key("a"), b"v");
    writer.set(&t.key("b"), &[b'v'; VALUE_BYTES_MAX + 1]);
    writer.set(&t.key("c"), b"v");
    ensure_eq!(
        code_of(writer.commit().await),
        Some(code::VALUE_TOO_LARGE),
        "the commit"
    );
    ensure_eq!(t.rows().await?, vec![], "the rows");
    Ok(())
}
