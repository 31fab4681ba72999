//! The Rust files of the project, as git knows them.

use std::fs;
use std::process::Command;

use crate::step::{Checked, Site, Verdict};

/// One source file.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// From the workspace's folder.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Looks for faults in each file under these folders (none: everywhere).
pub(crate) fn check_each(
    site: &Site<'_>,
    folders: &[&str],
    faults_of: fn(&SourceFile) -> Vec<String>,
) -> Checked {
    let files = sources(site, folders)?;
    let faults: Vec<String> = files.iter().flat_map(faults_of).collect();
    match faults.is_empty() {
        true => Ok(Verdict::Passed),
        false => Err(faults.join("\n")),
    }
}

/// The `*.rs` files that are committed, or would be with `git add`, under these folders (none:
/// everywhere).
///
/// # Errors
/// This is no git work tree, or a file can't be read.
fn sources(site: &Site<'_>, folders: &[&str]) -> Result<Vec<SourceFile>, String> {
    let mut list = Command::new("git");
    list.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
    ]);
    match folders {
        [] => list.arg("*.rs"),
        _ => list.args(folders.iter().map(|folder| format!("{folder}/*.rs"))),
    };
    let paths = site.processes.output(&mut list)?;
    let mut files = Vec::new();
    for path in paths.split('\0').filter(|path| !path.is_empty()) {
        let whole = site.ground.root.join(path);
        // One that is deleted but not yet committed so is still listed.
        if whole.exists() {
            let text = fs::read_to_string(&whole).map_err(|e| format!("{path}: {e}"))?;
            files.push(SourceFile {
                path: path.to_string(),
                text,
            });
        }
    }
    match files.is_empty() {
        true => Err(format!(
            "git knows no Rust file under {folders:?}: is this the work tree?"
        )),
        false => Ok(files),
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::SourceFile;

    /// A file `a.rs` of this text has faults that begin so.
    pub(crate) fn expect_faults(
        faults_of: fn(&SourceFile) -> Vec<String>,
        text: &str,
        expected: &[&str],
    ) {
        let file = SourceFile {
            path: "a.rs".to_string(),
            text: text.to_string(),
        };
        let faults = faults_of(&file);
        assert_eq!(faults.len(), expected.len(), "{faults:#?}");
        for (fault, start) in faults.iter().zip(expected) {
            assert!(fault.starts_with(start), "{fault}");
        }
    }
}
