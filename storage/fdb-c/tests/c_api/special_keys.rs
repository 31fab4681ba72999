//! Special keys: place, status, conflicts.

use crate::binding::{Database, Transaction};

const REPORT_CONFLICTING_KEYS: i32 = 712;
const RELAXED: i32 = 713;
const WRITES: i32 = 714;
const READ_YOUR_WRITES_DISABLE: i32 = 51;
const ADD: i32 = 2;
const SET_VERSIONSTAMPED_KEY: i32 = 14;

fn shown(transaction: &Transaction, prefix: &str) -> String {
    let begin = [b"\xff\xff/transaction/", prefix.as_bytes(), b"/"].concat();
    let end = [begin.as_slice(), b"\xff\xff"].concat();
    let rows = transaction.range(&begin, &end, 0, -2).rows().unwrap().0;
    let row = |(key, value): &(Vec<u8>, Vec<u8>)| {
        format!(
            "{}={}",
            key[begin.len()..].escape_ascii(),
            value.escape_ascii()
        )
    };
    rows.iter().map(row).collect::<Vec<_>>().join(" ")
}

#[test]
fn place_and_status_are_told() {
    let database = Database::memory("told");
    let transaction = database.begin();
    let value = |key: &[u8]| transaction.get(key).value();
    assert_eq!(
        value(b"\xff\xff/connection_string"),
        Ok(Some(b"memory:told".to_vec()))
    );
    assert_eq!(
        value(b"\xff\xff/cluster_file_path"),
        Ok(Some(b"memory:told".to_vec()))
    );
    let status = value(b"\xff\xff/status/json").unwrap().unwrap();
    let status: serde_json::Value = serde_json::from_slice(&status).unwrap();
    assert_eq!(status["client"]["database_status"]["available"], true);
    assert_eq!(value(b"\xff\xff/nothing"), Err(2113));
    assert_eq!(
        transaction
            .range(b"\xff\xff/status/", b"\xff\xff/u", 0, -2)
            .rows(),
        Err(2112)
    );
    transaction.set_option(RELAXED, None);
    assert_eq!(
        transaction
            .range(b"\xff\xff", b"\xff\xff\xff", 9, 0)
            .rows()
            .unwrap()
            .0
            .len(),
        5
    );
}

#[test]
fn a_transaction_tells_its_conflict_ranges() {
    let database = Database::memory("ranges");
    database.put(b"c", b"v");
    let transaction = database.begin();
    transaction.get(b"a").wait().unwrap();
    transaction.set(b"x", b"v");
    transaction.get(b"x").wait().unwrap();
    transaction.range(b"b", b"d", 1, 0).wait().unwrap();
    assert_eq!(
        shown(&transaction, "read_conflict_range"),
        "a=1 a\\x00=0 b=1 c\\x00=0"
    );
    assert_eq!(shown(&transaction, "write_conflict_range"), "x=1 x\\x00=0");
}

/// A database with the keys b, d, f and h.
fn four_keys(name: &str) -> Database {
    let database = Database::memory(name);
    for key in [b"b", b"d", b"f", b"h"] {
        database.put(key, b"v");
    }
    database
}

/// A key and an offset.
type Selector<'key> = (&'key [u8], i32);

/// What a page from `begin` to `end` conflicts on, after `writes`.
#[track_caller]
fn check_range(
    database: &Database,
    writes: impl FnOnce(&Transaction),
    (begin, end): (Selector<'_>, Selector<'_>),
    (limit, reverse): (i32, bool),
    expected: &str,
) {
    let transaction = database.begin();
    writes(&transaction);
    transaction
        .range_between(begin, end, limit, reverse)
        .wait()
        .unwrap();
    assert_eq!(shown(&transaction, "read_conflict_range"), expected);
}

#[test]
fn a_page_conflicts_as_far_as_it_came() {
    let database = four_keys("page");
    let check =
        |selectors, page, expected| check_range(&database, |_| (), selectors, page, expected);
    check(((b"a", 1), (b"z", 1)), (2, false), "a=1 d\\x00=0");
    check(((b"a", 1), (b"z", 1)), (2, true), "f=1 z=0");
    check(((b"a", 1), (b"z", 1)), (9, true), "a=1 z=0");
    check(((b"e", 0), (b"z", 1)), (1, false), "d=1 e=0");
    check(((b"a", 1), (b"e", 2)), (1, true), "e=1 f\\x00=0");
}

#[test]
fn own_writes_are_no_part_of_a_conflict_range() {
    let database = four_keys("own");
    let writes = |transaction: &Transaction| {
        transaction.set(b"c", b"own");
        transaction.clear_range(b"e", b"g");
        transaction.atomic(ADD, b"h", &[1]);
    };
    let check =
        |page, expected| check_range(&database, writes, ((b"a", 1), (b"z", 1)), page, expected);
    check((9, false), "a=1 c=0 c\\x00=1 e=0 g=1 z=0");
    check((2, false), "a=1 c=0");
    check((1, true), "h=1 z=0");
}

#[test]
fn a_range_conflicts_up_to_the_end_of_the_keys_that_it_found() {
    let database = four_keys("ends");
    let check =
        |selectors, expected| check_range(&database, |_| (), selectors, (9, false), expected);
    check(((b"e", -2), (b"g", 1)), "=1 g=0");
    check(((b"e", 1), (b"g", 3)), "e=1 \\xff=0");
    check(((b"f", -4), (b"c", -3)), "=1 f=0");
    check(((b"f", 1), (b"c", 2)), "c=1 f=0");
    check(((b"e", 1), (b"c", 4)), "c=1 \\xff=0");
}

/// The begin leads back from g to d, the end on from c past h. Who does not know the former takes them for crossed, and looks up a
/// key past h, where a range that ends there needs none.
#[test]
fn selectors_do_not_cross_where_it_is_known_that_they_do_not() {
    let database = four_keys("known");
    let check = |before: fn(&Transaction), expected| {
        let selectors = ((b"g".as_slice(), -1), (b"c".as_slice(), 4));
        check_range(&database, before, selectors, (9, false), expected);
    };
    check(|_| (), "c=1 \\xff=0");
    check(
        |transaction| transaction.range(b"c", b"g", 0, -2).wait().unwrap(),
        "c=1 h\\x00=0",
    );
    check(
        |transaction| {
            transaction.clear_range(b"c", b"g");
            transaction.set(b"d", b"own");
            transaction.set(b"f", b"own");
        },
        "g=1 h\\x00=0",
    );
    check(
        |transaction| {
            let page = transaction.range_between((b"a", 1), (b"g", -1), 1, false);
            page.wait().unwrap();
        },
        "a=1 \\xff=0",
    );
}

#[test]
fn the_place_of_a_stamped_key_is_no_part_of_a_conflict_range() {
    let database = Database::memory("stamped");
    let transaction = database.begin();
    let operand = [b"k", [0x11; 10].as_slice(), &[1, 0, 0, 0]].concat();
    transaction.atomic(SET_VERSIONSTAMPED_KEY, &operand, b"v");
    transaction.add_read_conflict(b"a", b"z");
    let kept = format!("k{}\\x01\\x00\\x00\\x00", "\\x00".repeat(10));
    assert_eq!(
        shown(&transaction, "read_conflict_range"),
        format!("a=1 {kept}=0 {kept}\\x00=1 z=0")
    );
}

/// What lay where the stamp may come to lie is told no longer; what the stamp may be is less, once there is a read version.
#[test]
fn a_stamped_key_takes_the_place_of_the_ranges_that_were_told_there() {
    let database = Database::memory("stamped over");
    database.put(b"x", b"v");
    let transaction = database.begin();
    transaction.add_write_conflict(b"a", b"z");
    let operand = [b"k", [0x11; 10].as_slice(), &[1, 0, 0, 0]].concat();
    transaction.atomic(SET_VERSIONSTAMPED_KEY, &operand, b"v");
    let told = || shown(&transaction, "write_conflict_range");
    assert_eq!(told(), "a=1 z=0");
    let version = transaction.read_version().unwrap().to_be_bytes();
    let stamp = [version.as_slice(), &[0, 0]].concat();
    let stamp = stamp.escape_ascii();
    let none = "\\x00".repeat(10);
    assert_eq!(told(), format!("a=1 k{none}=0 k{stamp}=1 z=0"));
    transaction.add_write_conflict(b"b", b"y");
    assert_eq!(told(), "a=1 z=0");
}

#[test]
fn without_own_writes_rows_bound_a_conflict_range() {
    let database = four_keys("through");
    let through = |transaction: &Transaction| {
        assert_eq!(transaction.set_option(READ_YOUR_WRITES_DISABLE, None), 0);
        transaction.set(b"d", b"own");
    };
    let check =
        |selectors, page, expected| check_range(&database, through, selectors, page, expected);
    check(((b"a", 1), (b"z", 1)), (2, false), "a=1 d\\x00=0");
    check(((b"e", -2), (b"z", 1)), (2, false), "=1 e=0");
    check(((b"c", 1), (b"e", 5)), (9, false), "c=1 \\xff=0");
    check(((b"a", 1), (b"c", 2)), (1, true), "c=1 f\\x00=0");
}

#[test]
fn a_cancelled_transaction_tells_what_is_known_at_once() {
    let transaction = Database::memory("cancelled").begin();
    transaction.cancel();
    let value = |key: &[u8]| transaction.get(key).value();
    let place = Some(b"memory:cancelled".to_vec());
    assert_eq!(value(b"\xff\xff/nothing"), Err(2113));
    assert_eq!(value(b"\xff\xff/connection_string"), Ok(place));
    assert_eq!(shown(&transaction, "conflicting_keys"), "");
    assert_eq!(shown(&transaction, "write_conflict_range"), "");
    assert_eq!(value(b"\xff\xff/status/json"), Err(1025));
    let read_conflicts = b"\xff\xff/transaction/read_conflict_range/a";
    assert_eq!(value(read_conflicts), Err(1025));
}

#[test]
fn a_conflict_tells_where_it_was() {
    let database = Database::memory("where");
    let transaction = database.begin();
    transaction.set_option(REPORT_CONFLICTING_KEYS, None);
    for key in [b"a", b"b", b"c"] {
        transaction.get(key).wait().unwrap();
    }
    database.put(b"b", b"v");
    transaction.set(b"x", b"v");
    assert_eq!(transaction.commit(), Err(1020));
    assert_eq!(shown(&transaction, "conflicting_keys"), "b=1 b\\x00=0");
    assert_eq!(transaction.on_error(1020), Ok(()));
    assert_eq!(shown(&transaction, "conflicting_keys"), "");
}

#[test]
fn writes_of_special_keys_are_refused() {
    let database = Database::memory("refused");
    let transaction = database.begin();
    transaction.set(b"\xff\xff/management/excluded/1.2.3.4", b"");
    assert_eq!(transaction.commit(), Err(2114));
    let transaction = database.begin();
    transaction.set_option(WRITES, None);
    transaction.clear_range(b"\xff\xff/management/a", b"\xff\xff/management/b");
    assert_eq!(transaction.commit(), Err(2115));
    let transaction = database.begin();
    transaction.set_option(WRITES, None);
    transaction.set(b"\xff\xff/tracing/token", b"false");
    assert_eq!(
        transaction.get(b"\xff\xff/tracing/token").value(),
        Ok(Some(b"0".to_vec()))
    );
    assert_eq!(transaction.commit(), Ok(()));
}
