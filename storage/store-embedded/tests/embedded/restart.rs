//! Closing, opening, and what a dead process leaves.

use store::{AtomicOp, KeyRange, Store as _, Transaction as _};
use store_embedded::{EmbeddedDatabase, EmbeddedStore};

use crate::support::{
    Scratch, all_rows, block_on, child_path, copy_store, die, end_child, get, handle, put, small,
    value,
};

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
    const COMMITS: u64 = 60;
    let name = "restart::what_a_dead_process_leaves_holds_every_acknowledged_commit";
    if let Some(path) = child_path() {
        let database = EmbeddedDatabase::open(path, small()).unwrap();
        let store = handle(&database);
        let count = get(&store, b"count").unwrap().unwrap_or_else(|| vec![0; 8]);
        let first = u64::from_le_bytes(count.try_into().unwrap());
        (first..first + COMMITS).for_each(|n| commit_one(&store, n));
        end_child();
    }
    let scratch = Scratch::new("restart");
    for round in 1..=5 {
        die(name, &scratch.path().join("dead"));
        let copy = scratch.path().join(format!("copy-{round}"));
        copy_store(&scratch.path().join("dead"), &copy);
        let database = EmbeddedDatabase::open(&copy, small()).unwrap();
        let store = handle(&database);
        let commits = round * COMMITS;
        assert_eq!(
            get(&store, b"count").unwrap(),
            Some(commits.to_le_bytes().to_vec())
        );
        let rows: Vec<_> = (0..commits)
            .filter(|n| n % 3 == 0)
            .map(|n| (key(n), value(n, 700)))
            .collect();
        assert_eq!(all_rows(&store).unwrap()[1..], rows);
        assert!(database.metrics().replayed > 0);
    }
}

/// Of three commits, the third takes the second's row and its own away.
fn commit_one(store: &EmbeddedStore, n: u64) {
    let transaction = store.begin();
    transaction.set(&key(n), &value(n, 700));
    transaction.atomic(AtomicOp::Add, b"count", &1u64.to_le_bytes());
    if n % 3 == 2 {
        transaction.clear(&key(n - 1));
        transaction.clear_range(&KeyRange::new(key(n), key(n + 1)));
    }
    block_on(transaction.commit()).unwrap();
}

#[test]
fn a_commit_larger_than_a_segment_gets_one_of_its_own() {
    let rows: Vec<_> = (0..40).map(|n| (key(n), value(n, 100_000))).collect();
    if let Some(path) = child_path() {
        let store = handle(&EmbeddedDatabase::open(path, small()).unwrap());
        put(&store, &rows[..1]).unwrap();
        put(&store, &rows).unwrap();
        put(&store, &rows[1..2]).unwrap();
        assert_eq!(all_rows(&store).unwrap(), rows);
        end_child();
    }
    let scratch = Scratch::new("restart");
    die(
        "restart::a_commit_larger_than_a_segment_gets_one_of_its_own",
        scratch.path(),
    );
    let store = handle(&EmbeddedDatabase::open(scratch.path(), small()).unwrap());
    assert_eq!(all_rows(&store).unwrap(), rows);
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
    assert!(segments <= 10, "{segments} segments");
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
