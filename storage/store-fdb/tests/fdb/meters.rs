//! What the store counts of its transactions.

use store::{KeyRange, Store as _, StoreError, Transaction as _, code};
use store_fdb::FdbDatabase;

use crate::On;
use crate::machine::block_on;

pub(crate) const TESTS: &[On] = &[
    (
        "a_conflict_and_its_retry_are_counted",
        a_conflict_and_its_retry_are_counted,
    ),
    (
        "what_reads_nothing_asks_for_no_version",
        what_reads_nothing_asks_for_no_version,
    ),
    (
        "an_unnamed_error_keeps_its_number",
        an_unnamed_error_keeps_its_number,
    ),
];

fn key() -> Vec<u8> {
    format!("hunt-promises/{}/meters", std::process::id()).into_bytes()
}

fn a_conflict_and_its_retry_are_counted(database: &FdbDatabase) {
    let before = database.metrics();
    let store = database.handle();
    block_on(async {
        let (late, early) = (store.begin(), store.begin());
        late.get(&key(), false).await.unwrap();
        late.set(&key(), b"late");
        early.set(&key(), b"early");
        early.commit().await.unwrap();
        let error = late.commit().await.unwrap_err();
        assert_eq!(error.code(), code::NOT_COMMITTED);
        late.on_error(error).await.unwrap();
        late.clear(&key());
        late.commit().await.unwrap();
    });
    let after = database.metrics();
    let conflict = code::NOT_COMMITTED;
    let grown = |of: fn(&store_fdb::FdbMetrics) -> u64| of(&after) - of(&before);
    assert_eq!(grown(|m| m.begun), 2);
    assert_eq!(grown(|m| m.conflicts), 1);
    assert_eq!(grown(|m| m.retries), 1);
    assert_eq!(grown(|m| m.commits), 2);
    assert_eq!(grown(|m| m.commit.count()), 2);
    assert_eq!(
        grown(|m| m.read_version.count()),
        1,
        "only one of them read"
    );
    let errors =
        |metrics: &store_fdb::FdbMetrics| metrics.errors.get(&conflict).copied().unwrap_or(0);
    assert_eq!(errors(&after) - errors(&before), 1);
}

fn what_reads_nothing_asks_for_no_version(database: &FdbDatabase) {
    let store = database.handle();
    let version = block_on(async {
        let first = store.begin();
        first.set(&key(), b"first");
        first.commit().await.unwrap().version
    });
    let before = database.metrics().read_version.count();
    block_on(async {
        let behind = store.begin();
        behind.set_read_version(version);
        behind.add_read_conflict_range(&KeyRange::single(&key()));
        behind.clear(&key());
        behind.commit().await.unwrap();
    });
    assert_eq!(database.metrics().read_version.count(), before);
}

fn an_unnamed_error_keeps_its_number(database: &FdbDatabase) {
    const VERSION_INVALID: i32 = 2011;
    assert!(!StoreError::new(VERSION_INVALID).is_named());
    let transaction = database.handle().begin();
    transaction.set_read_version(0);
    let error = block_on(transaction.get(&key(), false)).unwrap_err();
    assert_eq!(error.code(), VERSION_INVALID);
    assert!(error.context().is_some(), "{error}");
}
