//! What is said when a store does not open.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use store_fdb::{FdbDatabase, FdbSettings, OpenError};

use crate::{Before, Ground};

/// Tells a child that it is one, and which cluster file to open.
const CHILD: &str = "HUNT_FDB_CHILD";

/// What it says when it could not be opened, with the reason behind.
const REFUSED: &str = "refused: ";

pub(crate) const TESTS: &[Before] = &[
    (
        "a_missing_cluster_file_is_named",
        a_missing_cluster_file_is_named,
    ),
    ("a_missing_library_is_named", a_missing_library_is_named),
    (
        "another_library_is_told_apart",
        another_library_is_told_apart,
    ),
    (
        "a_setting_out_of_bounds_is_refused",
        a_setting_out_of_bounds_is_refused,
    ),
    (
        "a_cluster_that_does_not_answer_is_not_waited_for_in_vain",
        a_cluster_that_does_not_answer,
    ),
    (
        "a_file_that_is_no_cluster_file_is_refused",
        a_file_that_is_no_cluster_file_is_refused,
    ),
];

/// In a child: opens the store it was told of, prints what came of it, and closes it again.
pub(crate) fn in_child(ground: &Ground) -> Option<ExitCode> {
    let cluster_file = PathBuf::from(std::env::var_os(CHILD)?);
    let settings = FdbSettings {
        connect_timeout: Duration::from_millis(500),
        ..ground.settings.clone()
    };
    match FdbDatabase::open(&cluster_file, &settings) {
        Ok(_) => println!("opened"),
        Err(error) => println!("{REFUSED}{error}"),
    }
    Some(ExitCode::SUCCESS)
}

/// What a process of its own, as each has one network, says when it opens `cluster_file`.
fn open_in_child(cluster_file: &Path) -> String {
    let child = Command::new(std::env::current_exe().unwrap())
        .env(CHILD, cluster_file)
        .output()
        .unwrap();
    let (out, err) = (child.stdout, String::from_utf8_lossy(&child.stderr));
    assert!(child.status.success(), "{}: {err}", child.status);
    String::from_utf8(out).unwrap()
}

fn write(name: &str, text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("hunt-{}-{name}.cluster", std::process::id()));
    std::fs::write(&path, text).unwrap();
    path
}

fn fails(cluster_file: &Path, settings: &FdbSettings) -> OpenError {
    FdbDatabase::open(cluster_file, settings).expect_err("it must not open")
}

fn a_missing_cluster_file_is_named(ground: &Ground) {
    let error = fails(Path::new("/no/such/fdb.cluster"), &ground.settings);
    assert!(matches!(error, OpenError::NoClusterFile { .. }), "{error}");
    assert!(
        error.to_string().contains("/no/such/fdb.cluster"),
        "{error}"
    );
}

fn with_library(ground: &Ground, library: &str) -> FdbSettings {
    FdbSettings {
        library: library.into(),
        ..ground.settings.clone()
    }
}

fn a_missing_library_is_named(ground: &Ground) {
    let error = fails(
        &ground.cluster_file,
        &with_library(ground, "/no/such/libfdb_c.so"),
    );
    assert!(matches!(error, OpenError::NoLibrary { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("/no/such/libfdb_c.so") && text.contains("foundationdb-clients"),
        "{text}"
    );
}

fn another_library_is_told_apart(ground: &Ground) {
    let error = fails(&ground.cluster_file, &with_library(ground, "libc.so.6"));
    assert!(matches!(error, OpenError::NotTheLibrary { .. }), "{error}");
}

fn a_setting_out_of_bounds_is_refused(ground: &Ground) {
    let settings = FdbSettings {
        size_limit_bytes: 31,
        ..ground.settings.clone()
    };
    let error = fails(&ground.cluster_file, &settings);
    assert!(
        matches!(error, OpenError::Setting { value: 31, .. }),
        "{error}"
    );
}

fn a_cluster_that_does_not_answer(_ground: &Ground) {
    // Port 1 is nobody's.
    let cluster_file = write("silent", "silent:silent@127.0.0.1:1\n");
    let said = open_in_child(&cluster_file);
    std::fs::remove_file(&cluster_file).unwrap();
    assert!(said.starts_with(REFUSED), "{said}");
    assert!(said.contains(&*cluster_file.to_string_lossy()), "{said}");
}

fn a_file_that_is_no_cluster_file_is_refused(_ground: &Ground) {
    let cluster_file = write("none", "what is this\n");
    let said = open_in_child(&cluster_file);
    std::fs::remove_file(&cluster_file).unwrap();
    assert!(said.starts_with(REFUSED), "{said}");
    assert!(said.contains(&*cluster_file.to_string_lossy()), "{said}");
    assert!(said.contains("DESCRIPTION:ID@HOST:PORT"), "{said}");
}
