//! A disk that takes no more: commits fail, say why, and nothing is half applied.
//!
//! The disk is played by RLIMIT_FSIZE with SIGXFSZ ignored: files cannot grow past the limit.

use std::io::Write as _;
use std::process::Command;

use store_embedded::{EmbeddedDatabase, EmbeddedSettings};

use crate::support::{Scratch, all_rows, get, handle, put, small, value};

/// The directory that the limited process writes.
const CHILD: &str = "STORE_TEST_FULL";
/// What a file may have, in blocks of 512 bytes: a segment fits, a merged table does not.
const FILE_BLOCKS_MAX: u64 = 1_200;

#[test]
fn on_a_full_disk_commits_fail_for_good_and_reopening_recovers() {
    if let Some(path) = std::env::var_os(CHILD) {
        return fill(std::path::Path::new(&path));
    }
    let scratch = Scratch::new("full");
    let name = "disk_full::on_a_full_disk_commits_fail_for_good_and_reopening_recovers";
    let script = format!(
        "trap '' XFSZ; ulimit -f {FILE_BLOCKS_MAX}; exec \"$0\" --exact {name} --nocapture"
    );
    let child = Command::new("sh")
        .args(["-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env(CHILD, scratch.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(
        child.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&child.stderr)
    );
    let acknowledged: u64 = told
        .lines()
        .filter_map(|line| line.strip_prefix("acknowledged ")?.parse().ok())
        .next()
        .unwrap();

    let database = EmbeddedDatabase::open(scratch.path(), small()).unwrap();
    let store = handle(&database);
    let rows = all_rows(&store).unwrap();
    assert_eq!(rows.len() as u64 % 3, 0, "half a commit");
    assert!(rows.len() as u64 >= 3 * acknowledged);
    for (n, row) in rows.iter().enumerate() {
        assert_eq!(*row, self::row(n as u64));
    }
    put(&store, &[row(1)]).unwrap();
    assert_eq!(database.fault(), None);
}

fn row(n: u64) -> (Vec<u8>, Vec<u8>) {
    (n.to_be_bytes().to_vec(), value(n, 900))
}

fn fill(path: &std::path::Path) {
    let settings = EmbeddedSettings {
        write_buffer_bytes: 200 << 10,
        ..small()
    };
    let database = EmbeddedDatabase::open(path, settings).unwrap();
    let store = handle(&database);
    let mut commits = 0..100_000u64;
    let failed =
        commits.find_map(|n| put(&store, &[row(3 * n), row(3 * n + 1), row(3 * n + 2)]).err());
    let failed = failed.expect("the limit is far below what 100,000 commits write");
    let acknowledged = commits.start - 1;
    assert_eq!(
        (
            failed.code(),
            failed.is_retryable(),
            failed.is_maybe_committed()
        ),
        (1510, false, false)
    );
    let context = failed.context().unwrap();
    assert!(
        context.starts_with("the store is read-only since "),
        "{context}"
    );
    assert!(context.contains("the disk is full"), "{context}");
    assert_eq!(database.fault(), Some(failed.clone()));
    assert_eq!(put(&store, &[row(0)]), Err(failed));
    assert_eq!(get(&store, &row(0).0).unwrap(), Some(row(0).1));
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nacknowledged {acknowledged}").unwrap();
}
