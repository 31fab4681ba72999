//! Options: what is unknown, what is refused, what lasts.

use crate::binding::{Database, boot};
use fdb_c::api as c;

const TIMEOUT: i32 = 500;
const RETRY_LIMIT: i32 = 501;
const READ_SYSTEM_KEYS: i32 = 302;
const ACCESS_SYSTEM_KEYS: i32 = 301;

#[test]
fn an_unknown_option_is_told_at_once_and_a_bad_value_by_the_next_call() {
    let database = Database::memory("options");
    let transaction = database.begin();
    assert_eq!(transaction.set_option(9_999, None), 2007);
    assert_eq!(transaction.get(b"k").wait(), Ok(()));
    assert_eq!(transaction.set_option(TIMEOUT, Some(b"soon")), 0);
    assert_eq!(transaction.get(b"k").wait(), Err(2006));
    assert_eq!(
        (
            database.set_option(9_999, None),
            database.set_option(10, Some(-1))
        ),
        (2007, 2006)
    );
    boot();
    // SAFETY: the values are readable.
    unsafe {
        assert_eq!(c::fdb_network_set_option(11, std::ptr::null(), 0), 2007);
        assert_eq!(c::fdb_network_set_option(34, b"toml".as_ptr(), 4), 2006);
        assert_eq!(c::fdb_network_set_option(34, b"json".as_ptr(), 4), 0);
    }
}

#[test]
fn defaults_of_the_database_give_way_to_what_a_transaction_sets() {
    let database = Database::memory("defaults");
    assert_eq!(database.set_option(RETRY_LIMIT, Some(1)), 0);
    let plain = database.begin();
    assert_eq!(plain.on_error(1020), Ok(()));
    assert_eq!(plain.on_error(1020), Err(1020));
    assert_eq!(
        plain.get(b"k").wait(),
        Err(1025),
        "an error that ended the retries ends the transaction"
    );
    let own = database.begin();
    own.set_option(RETRY_LIMIT, Some(&2i64.to_le_bytes()));
    assert_eq!((own.on_error(1020), own.on_error(1020)), (Ok(()), Ok(())));
    assert_eq!(own.on_error(1020), Err(1020));
    // SAFETY: the transaction lives.
    unsafe { c::fdb_transaction_reset(own.0) };
    assert_eq!(
        (own.on_error(1020), own.on_error(1020)),
        (Ok(()), Err(1020)),
        "as just begun"
    );
}

#[test]
fn system_keys_need_an_option_each_time() {
    let database = Database::memory("system");
    let transaction = database.begin();
    assert_eq!(transaction.get(b"\xff/x").wait(), Err(2004));
    transaction.set_option(READ_SYSTEM_KEYS, None);
    assert_eq!(transaction.get(b"\xff/x").value(), Ok(None));
    transaction.set(b"\xff/x", b"v");
    assert_eq!(transaction.commit(), Err(2004));
    let transaction = database.begin();
    transaction.set_option(ACCESS_SYSTEM_KEYS, None);
    transaction.set(b"\xff/x", b"v");
    assert_eq!(transaction.commit(), Ok(()));
    let reader = database.begin();
    reader.set_option(READ_SYSTEM_KEYS, None);
    assert_eq!(reader.get(b"\xff/x").value(), Ok(Some(b"v".to_vec())));
    let rows = reader.range(b"", b"\xff\xff", 9, 0).rows().unwrap().0;
    assert_eq!(rows.len(), 1);
    assert_eq!(reader.on_error(1020), Ok(()));
    assert_eq!(
        reader.get(b"\xff/x").wait(),
        Err(2004),
        "it is forgotten with the try"
    );
}

#[test]
fn a_timeout_that_struck_stays() {
    let database = Database::memory("timeout");
    let transaction = database.begin();
    transaction.set_option(TIMEOUT, Some(&1i64.to_le_bytes()));
    let struck = (0..).find_map(|_| transaction.get(b"k").wait().err());
    assert_eq!(struck, Some(1031));
    transaction.set_option(TIMEOUT, Some(&0i64.to_le_bytes()));
    assert_eq!(transaction.commit(), Err(1031));
}

#[test]
fn the_metadata_version_is_open_to_all() {
    let database = Database::memory("metadata");
    let key = b"\xff/metadataVersion";
    let transaction = database.begin();
    assert_eq!(transaction.get(key).value(), Ok(None));
    transaction.atomic(15, key, &[0; 14]);
    assert_eq!(transaction.commit(), Ok(()));
    assert_eq!(database.value(key).map(|value| value.len()), Some(10));
    let wrong = database.begin();
    wrong.set(key, b"v");
    assert_eq!(wrong.commit(), Err(2000));
}
