//! The network runs once in a process.

use store_fdb::{FdbDatabase, OpenError};

use crate::Ground;

/// A test at the end of the process's one store.
type At = (&'static str, fn(&Ground, &FdbDatabase));

pub(crate) const TESTS: &[At] = &[
    ("a_second_store_is_refused", a_second_store_is_refused),
    ("after_closing_none_is_opened", after_closing_none_is_opened),
];

fn a_second_store_is_refused(ground: &Ground, _database: &FdbDatabase) {
    let again = FdbDatabase::open(&ground.cluster_file, &ground.settings);
    assert!(matches!(again, Err(OpenError::StartedBefore)), "{again:?}");
}

fn after_closing_none_is_opened(ground: &Ground, database: &FdbDatabase) {
    database.close();
    database.close();
    let again = FdbDatabase::open(&ground.cluster_file, &ground.settings);
    assert!(matches!(again, Err(OpenError::StartedBefore)), "{again:?}");
}
