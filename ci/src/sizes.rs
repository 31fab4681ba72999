//! Files stay short enough to be read whole, and nothing unfinished is committed.

use crate::source::{code_only, words};
use crate::step::{Checked, Site, Verdict};
use crate::tracked::{SourceFile, sources};

/// The longest that a Rust file may be, in lines.
const LINES_MAX: usize = 500;

/// Words that mark unfinished work, wherever they stand. (Written so that this file has none.)
const MARKS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];

/// Code that stands for code which is missing, or for a test that does not run.
const STUBS: &[&str] = &["todo!", "unimplemented!", "#[ignore"];

/// The step.
pub(crate) fn check(site: &Site<'_>) -> Checked {
    let files = sources(site, &[])?;
    let faults: Vec<String> = files.iter().flat_map(faults).collect();
    match faults.is_empty() {
        true => Ok(Verdict::Passed),
        false => Err(faults.join("\n")),
    }
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

    fn check(text: &str, expected: &[&str]) {
        let file = SourceFile {
            path: "a.rs".to_string(),
            text: text.to_string(),
        };
        let faults = faults(&file);
        assert_eq!(faults.len(), expected.len(), "{faults:#?}");
        for (fault, start) in faults.iter().zip(expected) {
            assert!(fault.starts_with(start), "{fault}");
        }
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
