//! One process per directory, and only directories that are stores.

use std::process::Command;

use store_embedded::{EmbeddedDatabase, EmbeddedSettings, OpenError};

use crate::support::{Scratch, small};

/// The directory that the second process is to open.
const SECOND: &str = "STORE_TEST_LOCKED";

#[test]
fn a_second_process_is_told_which_directory_is_in_use() {
    if let Some(path) = std::env::var_os(SECOND) {
        println!("{}", EmbeddedDatabase::open(path, small()).unwrap_err());
        return;
    }
    let scratch = Scratch::new("lock");
    let database = EmbeddedDatabase::open(scratch.path(), small()).unwrap();
    let name = "lock::a_second_process_is_told_which_directory_is_in_use";
    let second = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(SECOND, scratch.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&second.stdout).into_owned();
    let expected = format!(
        "the store in {} is in use by another process: stop that",
        scratch.path().display()
    );
    assert!(told.contains(&expected), "{told}");
    drop(database);
    assert!(EmbeddedDatabase::open(scratch.path(), small()).is_ok());
}

#[test]
fn a_directory_that_is_not_a_store_is_left_alone() {
    let scratch = Scratch::new("lock");
    std::fs::write(scratch.path().join("letter.txt"), "dear").unwrap();
    let refused = EmbeddedDatabase::open(scratch.path(), small()).unwrap_err();
    assert!(matches!(refused, OpenError::NotAStore { .. }), "{refused}");
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 1);
}

#[test]
fn settings_out_of_bounds_are_refused() {
    let scratch = Scratch::new("lock");
    let refused = |settings| {
        let opened = EmbeddedDatabase::open(scratch.path(), settings);
        opened.unwrap_err().to_string()
    };
    let short = EmbeddedSettings {
        segment_bytes: 1,
        ..small()
    };
    assert_eq!(
        refused(short),
        "the setting segment_bytes of the store is 1: use 260 KiB to 512 MiB"
    );
    let large = EmbeddedSettings {
        write_buffer_bytes: 1 << 40,
        ..small()
    };
    assert_eq!(
        refused(large),
        "the setting write_buffer_bytes of the store is 1099511627776: use 64 KiB to 512 MiB"
    );
}
