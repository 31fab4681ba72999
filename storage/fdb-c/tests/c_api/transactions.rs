//! Transactions: commits, conflicts, retries, limits, stamps, watches.

use std::ffi::c_int;

use fdb_c::api as c;
use store::Keyspace;

use crate::binding::{Database, Future, Transaction, len};

const ADD: c_int = 2;
const VERSIONSTAMPED_VALUE: c_int = 15;
const WANT_ALL: c_int = -2;
const EXACT: c_int = 0;
const SERIAL: c_int = 4;

#[test]
fn calls_are_done_in_their_order() {
    let database = Database::memory("order");
    let transaction = database.begin();
    let reads: Vec<Future> = (0..50u8)
        .map(|number| {
            transaction.set(b"k", &[number]);
            transaction.get(b"k")
        })
        .collect();
    for (number, read) in (0..50u8).zip(&reads) {
        assert_eq!(read.value(), Ok(Some(vec![number])));
    }
    transaction.atomic(ADD, b"k", &[1]);
    transaction.clear_range(b"a", b"b");
    transaction.commit().unwrap();
    assert_eq!(database.value(b"k"), Some(vec![50]));
}

#[test]
fn a_conflict_is_told_and_on_error_starts_anew() {
    let database = Database::memory("conflict");
    let (first, second) = (database.begin(), database.begin());
    for transaction in [&first, &second] {
        transaction.get(b"k").wait().unwrap();
        transaction.set(b"k", b"v");
    }
    assert_eq!((first.commit(), second.commit()), (Ok(()), Err(1020)));
    assert_eq!(second.on_error(1020), Ok(()));
    assert_eq!(second.get(b"k").value(), Ok(Some(b"v".to_vec())));
    assert_eq!(second.commit(), Ok(()));
    assert_eq!(second.on_error(2000), Err(2000));
}

#[test]
fn a_range_before_all_keys_asks_for_no_version() {
    let database = Database::memory("before-all");
    let (first, second) = (database.begin(), database.begin());
    let before_all = first.range_between((b"k", -2), (b"", 0), 7, false);
    assert_eq!(before_all.rows(), Ok((Vec::new(), false)));
    second.set(b"a", b"v");
    assert_eq!(second.commit(), Ok(()));
    // It conflicts on what lies before `k`, but counts from its commit, as FoundationDB's client does.
    first.set(b"k", b"v");
    assert_eq!(first.commit(), Ok(()));
}

/// What it conflicts on counts from its commit, as with FoundationDB's client, which asks for a version to read and not before.
#[test]
fn a_read_that_own_writes_answer_asks_for_no_version() {
    let database = Database::memory("own-answers");
    let reads: [fn(&Transaction) -> Future; 6] = [
        |transaction| transaction.range_between((b"k", 1), (b"z", 1), 1, false),
        |transaction| transaction.range_between((b"k", 1), (b"k\0", 1), 7, true),
        |transaction| transaction.range_between((b"k\0", 0), (b"k\0", 1), 7, false),
        |transaction| transaction.range_between((b"", 0), (b"\0", 0), 7, false),
        |transaction| transaction.get_key(b"k", 1),
        |transaction| transaction.get_key(b"k\0", 0),
    ];
    for read in reads {
        let (first, second) = (database.begin(), database.begin());
        first.set(b"", b"own");
        first.set(b"k", b"own");
        first.add_read_conflict(b"a", b"b");
        assert_eq!(read(&first).wait(), Ok(()));
        second.set(b"a", b"v");
        assert_eq!(second.commit(), Ok(()));
        assert_eq!(first.commit(), Ok(()));
    }
}

#[test]
fn what_was_refused_before_is_told_before_a_bad_limit() {
    let database = Database::memory("bad-limit");
    let transaction = database.begin();
    assert_eq!(transaction.range(b"", b"z", -5, SERIAL).rows(), Err(2012));
    transaction.get(b"k").wait().unwrap();
    // SAFETY: the transaction lives.
    unsafe { c::fdb_transaction_set_read_version(transaction.0, 1) };
    assert_eq!(transaction.range(b"", b"z", -5, SERIAL).rows(), Err(2010));
}

#[test]
fn versions_are_known_after_the_commit() {
    let database = Database::memory("versions");
    let transaction = database.begin();
    let operand = [b"..........".as_slice(), &[0; 4]].concat();
    transaction.atomic(VERSIONSTAMPED_VALUE, b"k", &operand);
    let (stamp, mut version) = (transaction.versionstamp(), 0);
    transaction.commit().unwrap();
    // SAFETY: the transaction lives.
    assert_eq!(
        unsafe { c::fdb_transaction_get_committed_version(transaction.0, &raw mut version) },
        0
    );
    let stamp = stamp.key().unwrap();
    assert_eq!(stamp[..8], version.to_be_bytes());
    assert_eq!(database.value(b"k"), Some(stamp));
    assert_eq!(
        transaction.versionstamp().wait(),
        Err(2017),
        "it is to be asked for before"
    );
    let reader = database.begin();
    let none = reader.versionstamp();
    reader.commit().unwrap();
    assert_eq!(none.wait(), Err(2021));
}

#[test]
fn a_commit_fails_as_a_read_did_and_its_stamp_waits() {
    let database = Database::memory("failed reads");
    let transaction = database.begin();
    let operand = [b"..........".as_slice(), &[0; 4]].concat();
    transaction.atomic(VERSIONSTAMPED_VALUE, b"k", &operand);
    assert_eq!(transaction.get(b"k").wait(), Err(1036));
    let stamp = transaction.versionstamp();
    assert_eq!(transaction.commit(), Err(1036));
    // SAFETY: the future lives.
    assert_eq!(unsafe { c::fdb_future_is_ready(stamp.0) }, 0);
    assert_eq!(database.value(b"k"), None);
    drop(transaction);
    assert_eq!(stamp.wait(), Err(1025));
}

#[test]
fn pages_end_at_their_limits() {
    let database = Database::memory("pages");
    let writer = database.begin();
    (0..1_000u16).for_each(|number| writer.set(&number.to_be_bytes(), &[7; 1_000]));
    writer.commit().unwrap();
    let reader = database.begin();
    let (rows, more) = reader.range(b"", b"\xff", 0, WANT_ALL).rows().unwrap();
    assert_eq!(
        (rows.len(), more),
        (78, true),
        "80,000 bytes, each row counting 24 more than it has"
    );
    let (rows, more) = reader.range(b"", b"\xff", 900, EXACT).rows().unwrap();
    assert_eq!(
        (rows.len(), more),
        (900, true),
        "an exact number is one page"
    );
    let (rows, more) = reader.range(b"", b"\xff", 2_000, EXACT).rows().unwrap();
    assert_eq!((rows.len(), more), (1_000, false));
    assert_eq!(reader.range(b"", b"\xff", 0, EXACT).rows(), Err(2210));
    assert_eq!(
        reader.range(b"b", b"a", 1, EXACT).rows(),
        Ok((Vec::new(), false))
    );
}

#[test]
fn what_was_overwritten_does_not_count_towards_the_limit() {
    let database = Database::memory("overwritten");
    let transaction = database.begin();
    let value = vec![7; 100_000];
    (0..500).for_each(|_| transaction.set(b"k", &value));
    assert_eq!(transaction.get(b"k").value(), Ok(Some(value.clone())));
    assert_eq!(transaction.commit(), Ok(()));
    let large = database.begin();
    (0..101u8).for_each(|number| large.set(&[number], &value));
    assert_eq!(large.commit(), Err(2101));
    let many = database.begin();
    (0..250u8).for_each(|number| many.set(&[number], &value));
    assert_eq!(many.commit(), Err(2101));
}

#[test]
fn a_cancelled_transaction_and_a_used_one_are_told() {
    let database = Database::memory("used");
    let transaction = database.begin();
    transaction.set(b"k", b"v");
    transaction.commit().unwrap();
    assert_eq!(transaction.get(b"k").wait(), Err(2017));
    let transaction = database.begin();
    let watch = transaction.watch(b"k");
    transaction.cancel();
    assert_eq!((watch.wait(), transaction.commit()), (Err(1025), Err(1025)));
    // SAFETY: the transaction lives.
    unsafe { c::fdb_transaction_reset(transaction.0) };
    assert_eq!(transaction.get(b"k").value(), Ok(Some(b"v".to_vec())));
}

#[test]
fn a_watch_survives_its_transaction_and_has_a_place() {
    let database = Database::memory("watches");
    assert_eq!(database.set_option(20, Some(2)), 0);
    let transaction = database.begin();
    let (first, second) = (transaction.watch(b"a"), transaction.watch(b"b"));
    assert_eq!(transaction.watch(b"c").wait(), Err(1032));
    transaction.commit().unwrap();
    drop(transaction);
    database.put(b"a", b"v");
    assert_eq!(first.wait(), Ok(()));
    drop(second);
    let transaction = database.begin();
    let next = transaction.watch(b"d");
    transaction.commit().unwrap();
    database.put(b"d", b"v");
    assert_eq!(next.wait(), Ok(()));
}

#[test]
fn a_row_leads_to_the_rows_that_it_names() {
    let database = Database::memory("mapped");
    let keys = Keyspace::new("");
    for (color, id) in [("blue", 1u32), ("blue", 2), ("red", 3)] {
        database.put(&keys.pack(&("index", color, id)), b"");
        database.put(
            &keys.pack(&("record", id, 0u32)),
            format!("{color} {id}").as_bytes(),
        );
    }
    let mapped = |transaction: &crate::binding::Transaction, snapshot| {
        let range = keys.range_of(&("index", "blue"));
        let mapper = keys.pack(&("record", "{K[2]}", "{...}"));
        let (begin, end) = (&range.begin, &range.end);
        // SAFETY: the transaction lives, the slices are readable.
        Future(unsafe {
            c::fdb_transaction_get_mapped_range(
                transaction.0,
                begin.as_ptr(),
                len(begin),
                0,
                1,
                end.as_ptr(),
                len(end),
                0,
                1,
                mapper.as_ptr(),
                len(&mapper),
                0,
                0,
                WANT_ALL,
                1,
                snapshot,
                0,
            )
        })
    };
    let transaction = database.begin();
    assert_eq!(mapped(&transaction, 1).wait(), Err(2108));
    let found = mapped(&transaction, 0);
    found.wait().unwrap();
    let (mut rows, mut count, mut more) = (std::ptr::null(), 0, 0);
    // SAFETY: the future lives, and owns what it hands out.
    let values: Vec<Vec<u8>> = unsafe {
        let page = (&raw mut rows, &raw mut count, &raw mut more);
        assert_eq!(
            c::fdb_future_get_mappedkeyvalue_array(found.0, page.0, page.1, page.2),
            0
        );
        let value = |place| {
            let row = rows.add(place).read_unaligned();
            assert_eq!(row.get_range.m_size, 1);
            let found = row.get_range.data.read_unaligned();
            std::slice::from_raw_parts(found.value, usize::try_from(found.value_length).unwrap())
                .to_vec()
        };
        (0..usize::try_from(count).unwrap()).map(value).collect()
    };
    assert_eq!(
        (values, more),
        (vec![b"blue 1".to_vec(), b"blue 2".to_vec()], 0)
    );
    transaction.set(&keys.pack(&("record", 1u32, 0u32)), b"new");
    assert_eq!(mapped(&transaction, 0).wait(), Err(2039));
}
