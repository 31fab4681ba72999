//! Readers of the past, while tables are written and merged under them.

use store::{KeyRange, RangeRead, Store as _, StoreError, Transaction as _};
use store_embedded::EmbeddedDatabase;

use crate::support::{Scratch, block_on, get, handle, put, small, value};

/// Runs `scenario` until the machine was fast enough for it: what the window has passed is 1007.
fn within_window(scenario: impl Fn() -> Result<(), StoreError>) {
    for _ in 0..20 {
        match scenario() {
            Err(error) if error.code() == 1007 => {}
            done => return done.unwrap(),
        }
    }
    panic!("20 times the window passed before the scenario ended");
}

#[test]
fn a_reader_sees_its_own_time_whatever_is_flushed_and_merged() {
    within_window(|| {
        let scratch = Scratch::new("history");
        let database = EmbeddedDatabase::open(scratch.path(), small()).unwrap();
        let store = handle(&database);
        let mut readers = Vec::new();
        for round in 0..16u64 {
            // Rows of both kinds: beside their keys and apart from them.
            let rows: Vec<_> = (0..20u8)
                .map(|n| (vec![n], value(round, 500 * (1 + n as usize % 4))))
                .collect();
            for chunk in rows.chunks(4) {
                put(&store, chunk)?;
            }
            let reader = store.begin();
            block_on(reader.read_version())?;
            readers.push((reader, rows));
        }
        database.close().unwrap();
        assert!(database.metrics().flushes >= 2, "{:?}", database.metrics());
        for (reader, rows) in readers {
            let read = RangeRead::of(&KeyRange::prefix(b""));
            assert_eq!(block_on(reader.get_range(&read, true))?.rows, rows);
            let backwards = block_on(reader.get_range(&read.reverse(), true))?.rows;
            assert!(backwards.iter().rev().eq(&rows));
            for (key, value) in rows {
                assert_eq!(block_on(reader.get(&key, true))?, Some(value));
            }
        }
        Ok(())
    });
}

#[test]
fn a_reader_at_a_commits_version_sees_that_commit_and_no_later_one() {
    within_window(|| {
        let scratch = Scratch::new("history");
        let store = handle(&EmbeddedDatabase::open(scratch.path(), small()).unwrap());
        let commit = |n| {
            put(&store, &[(b"k".to_vec(), value(n, 8))]).map(|committed| (n, committed.version))
        };
        let versions = (0..10u64).map(commit).collect::<Result<Vec<_>, _>>()?;
        for (n, version) in versions {
            let reader = store.begin();
            reader.set_read_version(version);
            assert_eq!(block_on(reader.get(b"k", true))?, Some(value(n, 8)));
        }
        Ok(())
    });
}

#[test]
fn versions_of_another_time_are_refused() {
    let scratch = Scratch::new("history");
    let store = handle(&EmbeddedDatabase::open(scratch.path(), small()).unwrap());
    let now = put(&store, &[(b"k".to_vec(), b"v".to_vec())])
        .unwrap()
        .version;
    let at = |version| {
        let reader = store.begin();
        reader.set_read_version(version);
        block_on(reader.get(b"k", true)).unwrap_err().code()
    };
    assert_eq!((at(now - 6_000_000), at(now + 3_600_000_000)), (1007, 1009));
    assert_eq!(get(&store, b"k").unwrap(), Some(b"v".to_vec()));
}
