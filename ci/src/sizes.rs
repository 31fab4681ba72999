//! Files stay short enough to be read whole, and nothing unfinished is committed.

use crate::source::{code_only, words};
use crate::step::{Checked, Site};
use crate::tracked::{SourceFile, check_each};

/// The longest that a Rust file may be, in lines.
const LINES_MAX: usize = 500;

/// Words that mark unfinished work, wherever they stand. (Written so that this file has none.)
const MARKS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];

/// Code that stands for code which is missing, or for a test that does not run.
const STUBS: &[&str] = &["todo!", "unimplemented!", "#[ignore"];

/// The step.
pub(crate) fn check(site: &Site<'_>) -> Checked {
    check_each(site, &[], faults)
}

fn faults(file: &SourceFile) -> Vec<String> {
    let SourceFile { path, text } = file;
    let mut faults = Vec::new();
    let count = text.lines().count();
    if count > LINES_MAX {
        faults.push(format!(
            "{path}: {count} lines, {LINES_MAX} are allowed: split it, one main type per file"
        ));
    }
    for (line, word) in words(text).filter(|(_, word)| MARKS.contains(word)) {
        faults.push(format!(
            "{path}:{line}: `{word}`: finish it, or leave it out"
        ));
    }
    for (at, line) in code_only(text).lines().enumerate() {
        for stub in STUBS.iter().filter(|stub| line.contains(**stub)) {
            let line = at + 1;
            faults.push(format!(
                "{path}:{line}: `{stub}`: finish it, or leave it out"
            ));
        }
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
    fn the_limit_is_allowed_and_one_more_is_not() {
        check(&"x\n".repeat(LINES_MAX), &[]);
        check(
            &"x\n".repeat(LINES_MAX + 1),
            &["a.rs: 501 lines, 500 are allowed"],
        );
    }

    #[test]
    fn marks_are_found_in_comments_too() {
        let mark = MARKS[0];
        check(&format!("fn f() {{}}\n// {mark}: later"), &["a.rs:2:"]);
        check(&format!("{}({mark})", MARKS[1]), &["a.rs:1:", "a.rs:1:"]);
        check(&format!("// {mark}S are words of their own"), &[]);
    }

    #[test]
    fn stubs_are_found_in_code_only() {
        check("fn f() { todo!() }", &["a.rs:1: `todo!`"]);
        check(
            "\nfn f() { unimplemented!(\"x\") }",
            &["a.rs:2: `unimplemented!`"],
        );
        check(
            "#[test]\n#[ignore = \"slow\"]\nfn f() {}",
            &["a.rs:2: `#[ignore`"],
        );
        check(
            "// todo! says what is missing\nlet s = \"unimplemented!\";",
            &[],
        );
    }
}
