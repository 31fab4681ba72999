//! Atomic operations: the same bytes before and after the commit, and FoundationDB's.

use super::{Context, Outcome, ensure_eq, promises};
use crate::limits::VALUE_BYTES_MAX;
use crate::{AtomicOp, Store, Transaction};

promises! {
    slow: false;
    "add is little-endian, wraps and takes the operand's width" => add,
    "bit_and takes the operand's width and stores it on an absent key" => bit_and,
    "bit_or takes the operand's width" => bit_or,
    "bit_xor takes the operand's width" => bit_xor,
    "max compares little-endian at the operand's width" => max,
    "min compares little-endian at the operand's width and stores it on an absent key" => min,
    "byte_min keeps the smaller string" => byte_min,
    "byte_max keeps the larger string" => byte_max,
    "append_if_fits appends" => append,
    "append_if_fits past 100 kB silently does nothing" => append_too_much,
    "compare_and_clear clears only the equal value" => compare_and_clear,
    "atomic operations do not conflict with one another" => no_conflict,
}

/// A value, an operand, and the value after the operation.
type Row<'a> = (Option<&'a [u8]>, &'a [u8], Option<&'a [u8]>);

/// Applies `op` to each value, and checks what the transaction sees before its commit and others after.
async fn check<S: Store>(t: &Context<S>, op: AtomicOp, table: &[Row<'_>]) -> Outcome {
    for (current, operand, expected) in table {
        t.clean().await?;
        if let Some(current) = current {
            t.put("k", current).await?;
        }
        let key = t.key("k");
        t.write(|writer| writer.atomic(op, &key, operand)).await?;
        ensure_eq!(
            t.value("k").await?.as_deref(),
            *expected,
            "committed {op:?} of {operand:?} on {current:?}"
        );

        t.clean().await?;
        if let Some(current) = current {
            t.put("k", current).await?;
        }
        let own = t.begin();
        own.atomic(op, &key, operand);
        ensure_eq!(
            own.get(&key, true).await?.as_deref(),
            *expected,
            "own {op:?} of {operand:?} on {current:?}"
        );
    }
    Ok(())
}

async fn add<S: Store>(t: Context<S>) -> Outcome {
    check(
        &t,
        AtomicOp::Add,
        &[
            (None, &[1, 2], Some(&[1, 2])),
            (Some(&[255, 1]), &[1, 0], Some(&[0, 2])),
            (Some(&[255, 255]), &[1, 0], Some(&[0, 0])),
            (Some(&[7]), &[1, 0, 0], Some(&[8, 0, 0])),
            (Some(&[7, 7, 7]), &[1], Some(&[8])),
        ],
    )
    .await
}

async fn bit_and<S: Store>(t: Context<S>) -> Outcome {
    let table: &[Row<'_>] = &[
        (None, &[6], Some(&[6])),
        (Some(&[3]), &[6], Some(&[2])),
        (Some(&[3]), &[6, 1], Some(&[2, 0])),
        (Some(&[3, 1]), &[6], Some(&[2])),
    ];
    check(&t, AtomicOp::BitAnd, table).await
}

async fn bit_or<S: Store>(t: Context<S>) -> Outcome {
    let table: &[Row<'_>] = &[
        (None, &[6], Some(&[6])),
        (Some(&[3]), &[6], Some(&[7])),
        (Some(&[3]), &[6, 1], Some(&[7, 1])),
        (Some(&[3, 1]), &[6], Some(&[7])),
    ];
    check(&t, AtomicOp::BitOr, table).await
}

async fn bit_xor<S: Store>(t: Context<S>) -> Outcome {
    let table: &[Row<'_>] = &[
        (None, &[6], Some(&[6])),
        (Some(&[3]), &[6], Some(&[5])),
        (Some(&[3]), &[6, 1], Some(&[5, 1])),
        (Some(&[3, 1]), &[6], Some(&[5])),
    ];
    check(&t, AtomicOp::BitXor, table).await
}

async fn max<S: Store>(t: Context<S>) -> Outcome {
    let table: &[Row<'_>] = &[
        (None, &[0, 1], Some(&[0, 1])),
        (Some(&[9, 1]), &[1, 2], Some(&[1, 2])),
        (Some(&[1, 2]), &[9, 1], Some(&[1, 2])),
        (Some(&[5]), &[4, 0], Some(&[5, 0])),
        (Some(&[5, 9]), &[6], Some(&[6])),
    ];
    check(&t, AtomicOp::Max, table).await
}

async fn min<S: Store>(t: Context<S>) -> Outcome {
    let table: &[Row<'_>] = &[
        (None, &[9, 1], Some(&[9, 1])),
        (Some(&[9, 1]), &[1, 2], Some(&[9, 1])),
        (Some(&[1, 2]), &[9, 1], Some(&[9, 1])),
        (Some(&[5]), &[6, 0], Some(&[5, 0])),
        (Some(&[5, 9]), &[6], Some(&[5])),
    ];
    check(&t, AtomicOp::Min, table).await
}

async fn byte_min<S: Store>(t: Context<S>) -> Outcome {
    let table: &[Row<'_>] = &[
        (None, b"b", Some(b"b")),
        (Some(b"ab"), b"b", Some(b"ab")),
        (Some(b"b"), b"ab", Some(b"ab")),
    ];
    check(&t, AtomicOp::ByteMin, table).await
}

async fn byte_max<S: Store>(t: Context<S>) -> Outcome {
    let table: &[Row<'_>] = &[
        (None, b"b", Some(b"b")),
        (Some(b"ab"), b"b", Some(b"b")),
        (Some(b"b"), b"ab", Some(b"b")),
    ];
    check(&t, AtomicOp::ByteMax, table).await
}

async fn append<S: Store>(t: Context<S>) -> Outcome {
    let table: &[Row<'_>] = &[
        (None, b"b", Some(b"b")),
        (Some(b"a"), b"b", Some(b"ab")),
        (Some(b"a"), b"", Some(b"a")),
    ];
    check(&t, AtomicOp::AppendIfFits, table).await
}

async fn append_too_much<S: Store>(t: Context<S>) -> Outcome {
    let almost = vec![b'x'; VALUE_BYTES_MAX - 1];
    let full = [almost.as_slice(), b"y"].concat();
    let table: &[Row<'_>] = &[
        (Some(&almost), b"y", Some(&full)),
        (Some(&almost), b"yz", Some(&almost)),
        (Some(&full), b"z", Some(&full)),
    ];
    check(&t, AtomicOp::AppendIfFits, table).await
}

async fn compare_and_clear<S: Store>(t: Context<S>) -> Outcome {
    let table: &[Row<'_>] = &[
        (None, b"a", None),
        (Some(b"a"), b"a", None),
        (Some(b"a"), b"ab", Some(b"a")),
        (Some(b""), b"", None),
    ];
    check(&t, AtomicOp::CompareAndClear, table).await
}

async fn no_conflict<S: Store>(t: Context<S>) -> Outcome {
    let adders: Vec<S::Transaction> = (0..5).map(|_| t.begin()).collect();
    for adder in &adders {
        adder.read_version().await?;
        adder.atomic(AtomicOp::Add, &t.key("k"), &[1, 0]);
    }
    for adder in &adders {
        adder.commit().await?;
    }
    ensure_eq!(t.value("k").await?, Some(vec![5, 0]), "the sum");
    Ok(())
}
