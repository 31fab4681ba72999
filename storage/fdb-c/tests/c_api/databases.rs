//! Databases: places, locks, reopening, and what is not there.

use std::ptr;

use fdb_c::api as c;
use store_embedded::{EmbeddedDatabase, EmbeddedSettings};

use crate::binding::{Database, Future, boot, len};

fn directory() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let place = format!("embedded:{}", folder.path().join("store").display());
    (folder, place)
}

#[test]
fn a_directory_keeps_what_was_committed() {
    let (folder, place) = directory();
    for number in 0..20u8 {
        let database = Database::open(&place).unwrap();
        let expected = number.checked_sub(1).map(|last| vec![last]);
        assert_eq!(database.value(b""), expected, "the empty key is one");
        database.put(b"", &[number]);
        // The transaction ends after its database, as with garbage collectors.
        let transaction = database.begin();
        transaction.get(b"k").wait().unwrap();
        drop(database);
    }
    let path = folder.path().join("store");
    let by_path = Database::open(path.to_str().unwrap()).unwrap();
    assert_eq!(by_path.value(b""), Some(vec![19]));
}

#[test]
fn two_databases_of_one_place_are_one() {
    let (_folder, place) = directory();
    let (first, second) = (
        Database::open(&place).unwrap(),
        Database::open(&place).unwrap(),
    );
    first.put(b"k", b"v");
    drop(first);
    assert_eq!(second.value(b"k").as_deref(), Some(&b"v"[..]));
    let (one, other) = (Database::memory("shared"), Database::memory("other"));
    one.put(b"k", b"v");
    assert_eq!(
        Database::memory("shared").value(b"k").as_deref(),
        Some(&b"v"[..])
    );
    assert_eq!(other.value(b"k"), None);
}

#[test]
fn a_directory_that_someone_else_has_is_refused() {
    let (folder, place) = directory();
    let path = folder.path().join("store");
    let holder = EmbeddedDatabase::open(&path, EmbeddedSettings::default()).unwrap();
    assert_eq!(Database::open(&place).err(), Some(1529));
    drop(holder);
    assert!(Database::open(&place).is_ok());
}

#[test]
fn what_is_no_store_is_refused() {
    let (folder, _) = directory();
    std::fs::write(folder.path().join("holiday.jpg"), "").unwrap();
    assert_eq!(
        Database::open(folder.path().to_str().unwrap()).err(),
        Some(2000)
    );
    assert_eq!(Database::open("/no/such/file").err(), Some(1515));
    let file = folder.path().join("fdb.cluster");
    std::fs::write(&file, "docker:docker@127.0.0.1:4500").unwrap();
    assert_eq!(Database::open(file.to_str().unwrap()).err(), Some(2108));
}

#[test]
fn a_connection_string_names_a_store_too() {
    boot();
    let open = |text: &std::ffi::CStr| {
        let mut database = ptr::null_mut();
        // SAFETY: the string and the out-parameter live for the call.
        let code = unsafe {
            c::fdb_create_database_from_connection_string(text.as_ptr(), &raw mut database)
        };
        if code == 0 {
            Ok(Database(database))
        } else {
            Err(code)
        }
    };
    assert_eq!(
        open(c"memory:strings").map(|database| database.value(b"k")),
        Ok(None)
    );
    assert_eq!(open(c"a:b@127.0.0.1:4500").err(), Some(2108));
    assert_eq!(open(c"nonsense").err(), Some(2104));
}

#[test]
fn tenants_and_blob_granules_are_not_there() {
    let database = Database::memory("absent");
    let name = b"tenant";
    let (mut tenant, mut transaction) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the handles live, and end here.
    unsafe {
        assert_eq!(
            c::fdb_database_open_tenant(database.0, name.as_ptr(), len(name), &raw mut tenant),
            0
        );
        assert_eq!(Future(c::fdb_tenant_get_id(tenant)).wait(), Err(2136));
        assert_eq!(
            c::fdb_tenant_create_transaction(tenant, &raw mut transaction),
            0
        );
        let transaction = crate::binding::Transaction(transaction);
        assert_eq!(transaction.get(b"k").wait(), Err(2136));
        c::fdb_tenant_destroy(tenant);
        let range = (b"a".as_ptr(), 1, b"b".as_ptr(), 1);
        let listed = c::fdb_database_list_blobbified_ranges(
            database.0, range.0, range.1, range.2, range.3, 9,
        );
        assert_eq!(Future(listed).wait(), Err(2108));
        let snapshot = c::fdb_database_create_snapshot(database.0, ptr::null(), 0, ptr::null(), 0);
        assert_eq!(Future(snapshot).wait(), Err(2108));
    }
}

#[test]
fn the_api_before_610_opens_a_database_in_two_steps() {
    boot();
    let (mut cluster, mut database) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the handles live, and end here.
    unsafe {
        let first = Future(c::fdb_create_cluster(c"memory:legacy".as_ptr()));
        assert_eq!(first.wait(), Ok(()));
        assert_eq!(c::fdb_future_get_cluster(first.0, &raw mut cluster), 0);
        let other = Future(c::fdb_cluster_create_database(cluster, b"XX".as_ptr(), 2));
        assert_eq!(other.wait(), Err(2013));
        let second = Future(c::fdb_cluster_create_database(cluster, b"DB".as_ptr(), 2));
        assert_eq!(second.wait(), Ok(()));
        assert_eq!(c::fdb_future_get_database(second.0, &raw mut database), 0);
        c::fdb_cluster_destroy(cluster);
    }
    assert_eq!(Database(database).value(b"k"), None);
}
