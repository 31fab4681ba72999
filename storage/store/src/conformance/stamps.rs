//! Versionstamps: a commit's place in the global order, written into keys and values.

use super::context::code_of;
use super::{Context, Fault, Outcome, ensure_eq, promises};
use crate::keys::TupleVersionstamp;
use crate::{AtomicOp, KeyRange, Keyspace, RangeRead, Store, Transaction, Versionstamp, code};

promises! {
    slow: false;
    "a versionstamp is the commit version in big-endian, then the batch index" => is_the_version,
    "a versionstamped key holds its commit's stamp at the offset" => stamped_key,
    "a versionstamped value holds its commit's stamp at the offset" => stamped_value,
    "versionstamps grow in the order of commits" => stamps_grow,
    "a versionstamped tuple key reads back as a tuple" => tuple_key,
    "reading a versionstamped value before its commit fails with 1036, and then so does the commit" => unreadable_value,
    "reading where a versionstamped key may come to lie fails with 1036" => unreadable_key,
    "a set on top of a versionstamped value stays unreadable, a clear makes it readable" => unreadable_sticks,
    "an offset past the end fails the commit with 2000" => bad_offset,
}

fn operand(bytes: &[u8], offset: usize) -> Vec<u8> {
    [bytes, &(offset as u32).to_le_bytes()].concat()
}

async fn is_the_version<S: Store>(t: Context<S>) -> Outcome {
    let committed = t.put("k", "v").await?;
    let stamp = committed.stamp()?;
    ensure_eq!(
        stamp.version(),
        committed.version,
        "the version within {stamp:?}"
    );
    ensure_eq!(
        stamp,
        Versionstamp::new(committed.version, stamp.batch_index()),
        "the bytes"
    );
    Ok(())
}

async fn stamped_key<S: Store>(t: Context<S>) -> Outcome {
    let prefix = t.key("<");
    let key = operand(&[prefix.as_slice(), b"..........>"].concat(), prefix.len());
    let stamp = t
        .write(|writer| writer.atomic(AtomicOp::SetVersionstampedKey, &key, b"v"))
        .await?
        .stamp()?;
    let expected = [b"<".as_slice(), &stamp.0, b">"].concat();
    ensure_eq!(t.rows().await?, vec![(expected, b"v".to_vec())], "the rows");
    Ok(())
}

async fn stamped_value<S: Store>(t: Context<S>) -> Outcome {
    let value = operand(b"<..........>", 1);
    let stamp = t
        .write(|writer| writer.atomic(AtomicOp::SetVersionstampedValue, &t.key("k"), &value))
        .await?
        .stamp()?;
    let expected = [b"<".as_slice(), &stamp.0, b">"].concat();
    ensure_eq!(t.rows().await?, vec![(b"k".to_vec(), expected)], "the rows");
    Ok(())
}

async fn stamps_grow<S: Store>(t: Context<S>) -> Outcome {
    let key = operand(&[t.key("").as_slice(), &[0; 10]].concat(), t.key("").len());
    let mut stamps = Vec::new();
    for index in 0..10u8 {
        let committed = t
            .write(|writer| writer.atomic(AtomicOp::SetVersionstampedKey, &key, &[index]))
            .await?;
        stamps.push(committed.stamp()?);
    }
    if !stamps.is_sorted_by(|a, b| a < b) {
        return Err(Fault::new(format!("stamps do not grow: {stamps:?}")));
    }
    let values: Vec<u8> = t
        .rows()
        .await?
        .into_iter()
        .map(|(_, value)| value[0])
        .collect();
    ensure_eq!(
        values,
        (0..10).collect::<Vec<u8>>(),
        "rows in the order of their stamps"
    );
    Ok(())
}

async fn tuple_key<S: Store>(t: Context<S>) -> Outcome {
    let keys = Keyspace::new(t.key(""));
    let broken = |error: crate::keys::KeyError| Fault::new(error.to_string());
    let key = keys
        .pack_versionstamped(&("all", TupleVersionstamp::incomplete(7), 5u16))
        .map_err(broken)?;
    let stamp = t
        .write(|writer| writer.atomic(AtomicOp::SetVersionstampedKey, &key, b"v"))
        .await?
        .stamp()?;
    let page = t
        .begin()
        .get_range(&RangeRead::of(&keys.range_of(&("all",))), true)
        .await?;
    ensure_eq!(page.rows.len(), 1, "rows of the tuple's range");
    let (_, found, five) = keys
        .unpack::<(String, TupleVersionstamp, u16)>(&page.rows[0].0)
        .map_err(broken)?;
    ensure_eq!(
        (Versionstamp::from(&found), found.user_version(), five),
        (stamp, 7, 5),
        "the tuple"
    );
    Ok(())
}

async fn unreadable_value<S: Store>(t: Context<S>) -> Outcome {
    let own = t.begin();
    own.atomic(
        AtomicOp::SetVersionstampedValue,
        &t.key("k"),
        &operand(&[0; 10], 0),
    );
    ensure_eq!(
        code_of(own.get(&t.key("k"), false).await),
        Some(code::ACCESSED_UNREADABLE),
        "get"
    );
    ensure_eq!(
        code_of(own.get(&t.key("k"), true).await),
        Some(code::ACCESSED_UNREADABLE),
        "snapshot get"
    );
    let read = RangeRead::of(&t.everything());
    ensure_eq!(
        code_of(own.get_range(&read, false).await),
        Some(code::ACCESSED_UNREADABLE),
        "get_range"
    );
    ensure_eq!(
        code_of(own.get(&t.key("other"), false).await),
        None,
        "another key"
    );
    ensure_eq!(
        code_of(own.commit().await),
        Some(code::ACCESSED_UNREADABLE),
        "the commit"
    );
    Ok(())
}

async fn unreadable_key<S: Store>(t: Context<S>) -> Outcome {
    let prefix = t.key("log/");
    let own = t.begin();
    let key = operand(&[prefix.as_slice(), &[0; 10]].concat(), prefix.len());
    own.atomic(AtomicOp::SetVersionstampedKey, &key, b"v");
    let read = RangeRead::of(&KeyRange::prefix(&prefix));
    ensure_eq!(
        code_of(own.get_range(&read, false).await),
        Some(code::ACCESSED_UNREADABLE),
        "get_range"
    );
    let within = [prefix.as_slice(), &[0xfe; 10]].concat();
    ensure_eq!(
        code_of(own.get(&within, false).await),
        Some(code::ACCESSED_UNREADABLE),
        "get of a possible key"
    );
    ensure_eq!(
        code_of(own.get(&t.key("other"), false).await),
        None,
        "another key"
    );
    Ok(())
}

async fn unreadable_sticks<S: Store>(t: Context<S>) -> Outcome {
    let own = t.begin();
    let key = t.key("k");
    own.atomic(
        AtomicOp::SetVersionstampedValue,
        &key,
        &operand(&[0; 10], 0),
    );
    own.set(&key, b"v");
    ensure_eq!(
        code_of(own.get(&key, false).await),
        Some(code::ACCESSED_UNREADABLE),
        "after a set"
    );
    own.clear(&key);
    own.set(&key, b"w");
    ensure_eq!(
        own.get(&key, false).await?.as_deref(),
        Some(&b"w"[..]),
        "after a clear and a set"
    );
    Ok(())
}

async fn bad_offset<S: Store>(t: Context<S>) -> Outcome {
    for bad in [
        operand(&[0; 10], 1),
        operand(&[0; 9], 0),
        operand(&[0; 30], usize::MAX),
        vec![0; 3],
    ] {
        let own = t.begin();
        own.atomic(AtomicOp::SetVersionstampedValue, &t.key("k"), &bad);
        ensure_eq!(
            code_of(own.commit().await),
            Some(code::CLIENT_INVALID_OPERATION),
            "a value of {bad:?}"
        );
        let own = t.begin();
        own.atomic(AtomicOp::SetVersionstampedKey, &bad, b"v");
        ensure_eq!(
            code_of(own.commit().await),
            Some(code::CLIENT_INVALID_OPERATION),
            "a key of {bad:?}"
        );
    }
    ensure_eq!(t.rows().await?, vec![], "nothing was written");
    Ok(())
}
