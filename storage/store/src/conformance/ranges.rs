//! Range reads: order, limits and pages.

use super::{Context, Fault, Outcome, ensure_eq, promises};
use crate::limits::VALUE_BYTES_MAX;
use crate::{RangeRead, Store, Transaction, rows_all};

promises! {
    slow: false;
    "a range includes its begin and excludes its end" => bounds,
    "rows come in the order of their bytes, or reversed" => order,
    "the limit of rows is kept, and more says that there may be more" => limit,
    "a page without more is the whole rest" => no_more,
    "the target of bytes ends a page after the row that reaches it" => bytes_target,
    "pages follow one another without gap or repeat, forwards and backwards" => paging,
    "a range larger than any page is read page by page" => large_range,
    "empty values and binary keys are kept as they are" => binary,
}

async fn bounds<S: Store>(t: Context<S>) -> Outcome {
    t.put_all(&["a", "b", "b\0", "c", "c\0"]).await?;
    let names = t
        .names(&t.begin(), &RangeRead::of(&t.range("b", "c")), false)
        .await?;
    ensure_eq!(names, "b b\\x00", "b to c");
    let names = t
        .names(
            &t.begin(),
            &RangeRead::of(&t.range("b", "c")).reverse(),
            false,
        )
        .await?;
    ensure_eq!(names, "b\\x00 b", "b to c backwards");
    Ok(())
}

async fn order<S: Store>(t: Context<S>) -> Outcome {
    let mut keys: Vec<Vec<u8>> = [
        &[0][..],
        &[0, 0],
        &[0, 255],
        &[1],
        &[127],
        &[128],
        &[254],
        &[255],
        &[255, 255],
    ]
    .into_iter()
    .map(|name| t.key(name))
    .collect();
    t.write(|writer| keys.iter().rev().for_each(|key| writer.set(key, b"v")))
        .await?;
    let read = RangeRead::of(&t.everything());
    for read in [read.clone(), read.reverse()] {
        let rows = rows_all(&t.begin(), &read, false).await?;
        ensure_eq!(
            rows.into_iter().map(|(key, _)| key).collect::<Vec<_>>(),
            keys,
            "reverse {}",
            read.reverse
        );
        keys.reverse();
    }
    Ok(())
}

async fn limit<S: Store>(t: Context<S>) -> Outcome {
    t.put_all(&["a", "b", "c", "d"]).await?;
    for limit in 1..=3 {
        // What a transaction has read already may end its next page early.
        let page = t
            .begin()
            .get_range(&RangeRead::of(&t.everything()).limit(limit), false)
            .await?;
        ensure_eq!(
            (page.rows.len(), page.more),
            (limit, true),
            "rows and more of 4 with limit {limit}"
        );
    }
    let all = rows_all(&t.begin(), &RangeRead::of(&t.everything()).limit(9), false).await?;
    ensure_eq!(all.len(), 4, "rows of 4 with limit 9");
    Ok(())
}

async fn no_more<S: Store>(t: Context<S>) -> Outcome {
    t.put_all(&["a", "b", "c", "d"]).await?;
    let reader = t.begin();
    for reverse in [false, true] {
        for limit in 0..6 {
            let mut read = RangeRead::of(&t.range("a", "z")).limit(limit);
            read.reverse = reverse;
            let page = reader.get_range(&read, false).await?;
            if !page.more {
                ensure_eq!(
                    page.rows.len(),
                    4,
                    "rows of a last page, limit {limit}, reverse {reverse}"
                );
            }
        }
    }
    Ok(())
}

async fn bytes_target<S: Store>(t: Context<S>) -> Outcome {
    t.write(|writer| (0..20u8).for_each(|row| writer.set(&t.key([row]), &[row; 1_000])))
        .await?;
    let page = t
        .begin()
        .get_range(&RangeRead::of(&t.everything()).bytes_target(1), false)
        .await?;
    ensure_eq!(
        (page.rows.len(), page.more),
        (1, true),
        "rows and more with a target of 1 byte"
    );
    let page = t
        .begin()
        .get_range(&RangeRead::of(&t.everything()).bytes_target(5_000), false)
        .await?;
    if !(4..=6).contains(&page.rows.len()) || !page.more {
        return Err(Fault::new(format!(
            "{} rows of 1,000 bytes with a target of 5,000",
            page.rows.len()
        )));
    }
    Ok(())
}

async fn paging<S: Store>(t: Context<S>) -> Outcome {
    let mut keys: Vec<Vec<u8>> = (0..50u8).map(|row| t.key([row])).collect();
    t.write(|writer| keys.iter().for_each(|key| writer.set(key, &[7; 100])))
        .await?;
    let reader = t.begin();
    for reverse in [false, true] {
        for bytes in [1, 300, 2_000] {
            let mut read = RangeRead::of(&t.everything()).bytes_target(bytes);
            read.reverse = reverse;
            let rows = rows_all(&reader, &read, false).await?;
            let found: Vec<Vec<u8>> = rows.into_iter().map(|(key, _)| key).collect();
            ensure_eq!(
                found,
                keys,
                "all keys by pages of {bytes} bytes, reverse {reverse}"
            );
        }
        keys.reverse();
    }
    Ok(())
}

async fn large_range<S: Store>(t: Context<S>) -> Outcome {
    const ROWS: u8 = 40;
    let value = vec![b'v'; VALUE_BYTES_MAX];
    t.write(|writer| (0..ROWS).for_each(|row| writer.set(&t.key([row]), &value)))
        .await?;
    let read = RangeRead::of(&t.everything());
    let page = t.begin().get_range(&read, true).await?;
    ensure_eq!(
        (page.rows.is_empty(), page.more),
        (false, true),
        "the first page of 4 MB"
    );
    let rows = rows_all(&t.begin(), &read, true).await?;
    ensure_eq!(
        (rows.len(), rows.iter().all(|(_, found)| *found == value)),
        (usize::from(ROWS), true),
        "all rows"
    );
    Ok(())
}

async fn binary<S: Store>(t: Context<S>) -> Outcome {
    let rows: Vec<(Vec<u8>, Vec<u8>)> =
        [(&b""[..], &b""[..]), (b"\0", b"\0"), (b"\xff\xff", b"\xff")]
            .map(|(k, v)| (k.to_vec(), v.to_vec()))
            .to_vec();
    t.write(|writer| {
        rows.iter()
            .for_each(|(name, value)| writer.set(&t.key(name), value))
    })
    .await?;
    ensure_eq!(t.rows().await?, rows, "the rows");
    ensure_eq!(
        t.value("").await?.as_deref(),
        Some(&b""[..]),
        "an empty value is not an absent one"
    );
    Ok(())
}
