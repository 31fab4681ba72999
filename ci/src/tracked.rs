//! The Rust files of the project, as git knows them.

use std::fs;
use std::process::Command;

use crate::step::Site;

/// One source file.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// From the workspace's folder.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The `*.rs` files that are committed, or would be with `git add`, under these folders (none:
/// everywhere).
///
/// # Errors
/// This is no git work tree, or a file can't be read.
pub(crate) fn sources(site: &Site<'_>, folders: &[&str]) -> Result<Vec<SourceFile>, String> {
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
