//! `hunt` is pure: no async, no I/O, no clock. Clippy bans single calls; that nothing in it
//! can even wait is seen by reading it.

use crate::source::{code_only, words};
use crate::step::{Checked, Site};
use crate::tracked::{SourceFile, check_each};

/// Where only pure code may stand.
const FOLDERS: &[&str] = &["engine/hunt/src"];

/// Words that have no place in pure code. `now_utc` and `now_local` are the clock of `time`.
const WORDS: &[&str] = &[
    "async",
    "await",
    "Future",
    "Instant",
    "SystemTime",
    "now_utc",
    "now_local",
];

/// Parts of the standard library that reach outside the program.
const OUTSIDE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::env",
];

/// The step.
pub(crate) fn check(site: &Site<'_>) -> Checked {
    check_each(site, FOLDERS, faults)
}

fn faults(file: &SourceFile) -> Vec<String> {
    let code = code_only(&file.text);
    let fault = |line: usize, found: &str| {
        format!(
            "{}:{line}: `{found}` in pure code: make it an argument, or move it into `node`",
            file.path
        )
    };
    let banned = words(&code).filter(|(_, word)| WORDS.contains(word));
    let mut faults: Vec<String> = banned.map(|(line, word)| fault(line, word)).collect();
    for (at, line) in code.lines().enumerate() {
        let outside = OUTSIDE.iter().filter(|path| line.contains(**path));
        faults.extend(outside.map(|path| fault(at + 1, path)));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracked::testing::expect_faults;

    fn check(text: &str, expected: &[&str]) {
        expect_faults(faults, text, expected);
    }

    #[test]
    fn async_is_found_in_every_form() {
        check("async fn f() {}", &["a.rs:1: `async`"]);
        check("let x = f()\n    .await;", &["a.rs:2: `await`"]);
        check(
            "fn f() -> impl Future<Output = ()> { async move {} }",
            &["a.rs:1", "a.rs:1"],
        );
    }

    #[test]
    fn clocks_and_the_outside_are_found() {
        check("let t = OffsetDateTime::now_utc();", &["a.rs:1: `now_utc`"]);
        check("use std::fs;", &["a.rs:1: `std::fs`"]);
        check("use std::time::Instant;", &["a.rs:1: `Instant`"]);
    }

    #[test]
    fn prose_and_other_words_pass() {
        check(
            "//! No async, no std::fs here: nothing can `.await`.\nlet asynchronous = 1;",
            &[],
        );
        check(
            "let text = \"async\"; use std::fmt; use std::time::Duration;",
            &[],
        );
    }
}
