//! Closing, opening, and what a dead process leaves.

use store::{AtomicOp, KeyRange, Store as _, Transaction as _};
use store_embedded::EmbeddedDatabase;

use crate::support::{Scratch, all_rows, block_on, copy_image, get, handle, put, small, value};

fn key(n: u64) -> Vec<u8> {
    [b"row".as_slice(), &n.to_be_bytes()].concat()
}

#[test]
fn rows_and_growing_versions_survive_closing() {
    let scratch = Scratch::new("restart");
    let mut last = 0;
    for round in 0..4u64 {
        let database = EmbeddedDatabase::open(scratch.path(), small()).unwrap();
        let store = handle(&database);
        assert_eq!(all_rows(&store).unwrap().len() as u64, round * 50);
        let read = block_on(store.begin().read_version()).unwrap();
        assert!(read > last, "{read} after {last}");
        for n in round * 50..(round + 1) * 50 {
            let version = put(&store, &[(key(n), value(n, 3_000))]).unwrap().version;
            assert!(version > last, "{version} after {last}");
            last = version;
        }
        database.close().unwrap();
    }
    let store = handle(&EmbeddedDatabase::open(scratch.path(), small()).unwrap());
    assert!((0..200).all(|n| get(&store, &key(n)).unwrap() == Some(value(n, 3_000))));
}

#[test]
fn a_closed_store_can_be_read_and_refuses_commits() {
    let scratch = Scratch::new("restart");
    let database = EmbeddedDatabase::open(scratch.path(), small()).unwrap();
    let store = handle(&database);
    put(&store, &[(key(1), value(1, 10))]).unwrap();
    database.close().unwrap();
    database.close().unwrap();
    assert_eq!(get(&store, &key(1)).unwrap(), Some(value(1, 10)));
    assert_eq!(
        put(&store, &[(key(2), value(2, 10))]).unwrap_err().code(),
        1101
    );
}

#[test]
fn what_a_dead_process_leaves_holds_every_acknowledged_commit() {
    let scratch = Scratch::new("restart");
    let database = EmbeddedDatabase::open(scratch.path().join("live"), small()).unwrap();
    let store = handle(&database);
    for n in 0..300u64 {
        let transaction = store.begin();
        transaction.set(&key(n), &value(n, 700));
        transaction.atomic(AtomicOp::Add, b"count", &1u64.to_le_bytes());
        if n % 3 == 2 {
            transaction.clear(&key(n - 1));
            transaction.clear_range(&KeyRange::new(key(n), key(n + 1)));
        }
        block_on(transaction.commit()).unwrap();
        if n % 60 != 59 {
            continue;
        }
        let image = scratch.path().join(format!("image-{n}"));
        copy_image(&scratch.path().join("live"), &image);
        let recovered = EmbeddedDatabase::open(&image, small()).unwrap();
        let store = handle(&recovered);
        assert_eq!(
            get(&store, b"count").unwrap(),
            Some((n + 1).to_le_bytes().to_vec())
        );
        let rows: Vec<_> = (0..=n)
            .filter(|n| n % 3 == 0)
            .map(|n| (key(n), value(n, 700)))
            .collect();
        assert_eq!(all_rows(&store).unwrap()[1..], rows);
        assert!(recovered.metrics().replayed > 0);
    }
}

#[test]
fn a_commit_larger_than_a_segment_gets_one_of_its_own() {
    let scratch = Scratch::new("restart");
    let rows: Vec<_> = (0..40).map(|n| (key(n), value(n, 100_000))).collect();
    let database = EmbeddedDatabase::open(scratch.path().join("live"), small()).unwrap();
    let store = handle(&database);
    put(&store, &rows[..1]).unwrap();
    put(&store, &rows).unwrap();
    copy_image(&scratch.path().join("live"), &scratch.path().join("image"));
    put(&store, &rows[..1]).unwrap();
    assert_eq!(all_rows(&store).unwrap(), rows);
    let recovered = handle(&EmbeddedDatabase::open(scratch.path().join("image"), small()).unwrap());
    assert_eq!(all_rows(&recovered).unwrap(), rows);
}

#[test]
fn segments_are_used_again() {
    let scratch = Scratch::new("restart");
    let database = EmbeddedDatabase::open(scratch.path(), small()).unwrap();
    let store = handle(&database);
    for n in 0..200 {
        put(&store, &[(key(n), value(n, 20_000))]).unwrap();
    }
    database.close().unwrap();
    let metrics = database.metrics();
    assert!(
        metrics.log_bytes > 15 * small().segment_bytes && metrics.flushes > 15,
        "{metrics:?}"
    );
    let segments = std::fs::read_dir(scratch.path().join("log"))
        .unwrap()
        .count();
    assert!(segments <= 6, "{segments} segments");
}

#[test]
fn a_cleared_range_is_gone_from_tables_and_buffers() {
    let scratch = Scratch::new("restart");
    let database = EmbeddedDatabase::open(scratch.path(), small()).unwrap();
    let store = handle(&database);
    let rows: Vec<_> = (0..1_500).map(|n| (key(n), value(n, 150))).collect();
    for chunk in rows.chunks(500) {
        put(&store, chunk).unwrap();
    }
    let transaction = store.begin();
    transaction.clear_range(&KeyRange::new(key(10), key(1_400)));
    transaction.set(&key(700), b"after");
    block_on(transaction.commit()).unwrap();
    database.close().unwrap();
    drop((database, store, transaction));
    let kept = [
        &rows[..10],
        &[(key(700), b"after".to_vec())],
        &rows[1_400..],
    ]
    .concat();
    let store = handle(&EmbeddedDatabase::open(scratch.path(), small()).unwrap());
    assert_eq!(all_rows(&store).unwrap(), kept);
}
