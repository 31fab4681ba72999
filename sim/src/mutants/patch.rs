//! The patch files: one sentence that says what breaks, then a diff.

use std::fs;
use std::path::{Path, PathBuf};

use super::MutantsError;

/// Where a patch's diff begins.
const DIFF: &str = "diff --git ";

/// One mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Patch {
    /// Its file's name without the ending.
    pub(crate) name: String,
    /// What it breaks.
    pub(crate) breaks: String,
    /// The file, absolute.
    pub(crate) file: PathBuf,
    /// The files it touches, relative to the root of the tree.
    pub(crate) touches: Vec<String>,
}

/// All patches of a folder, by name; only those whose name contains `only`, if that is given.
pub(crate) fn patches(folder: &Path, only: Option<&str>) -> Result<Vec<Patch>, MutantsError> {
    let reading = |error| MutantsError::io(format!("reading {}", folder.display()), error);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(reading)? {
        let file = entry.map_err(reading)?.path();
        let name = file
            .file_stem()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if file.extension().is_some_and(|e| e == "patch")
            && only.is_none_or(|only| name.contains(only))
        {
            found.push(read(name.to_owned(), &file)?);
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    match found.is_empty() {
        false => Ok(found),
        true => Err(MutantsError::Nothing {
            folder: folder.display().to_string(),
            named: only.map_or_else(String::new, |only| format!(" is called {only}")),
        }),
    }
}

fn read(name: String, file: &Path) -> Result<Patch, MutantsError> {
    let reading = |error| MutantsError::io(format!("reading {}", file.display()), error);
    let text = fs::read_to_string(file).map_err(reading)?;
    let wrong = |detail: &str| MutantsError::Patch {
        file: file.display().to_string(),
        detail: detail.to_owned(),
    };
    let start = text
        .find(DIFF)
        .ok_or_else(|| wrong("no `diff --git` in it: write it with `git diff`"))?;
    let breaks = text[..start]
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    if breaks.is_empty() {
        return Err(wrong("say in a sentence before the diff what it breaks"));
    }
    let touched = text.lines().filter_map(|line| line.strip_prefix("+++ b/"));
    Ok(Patch {
        name,
        breaks,
        file: fs::canonicalize(file).map_err(reading)?,
        touches: touched.map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::process::Command;

    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    fn ours() -> Vec<Patch> {
        patches(&root().join("sim/mutants"), None).expect("they can be read")
    }

    #[test]
    fn every_patch_applies_to_the_tree() {
        if Command::new("git").arg("--version").output().is_err() {
            return;
        }
        let broken: Vec<String> = ours().into_iter().filter_map(does_not_apply).collect();
        assert!(
            broken.is_empty(),
            "make these patches anew:\n{}",
            broken.join("\n")
        );
    }

    fn does_not_apply(patch: Patch) -> Option<String> {
        let check = Command::new("git")
            .args(["apply", "--check"])
            .arg(&patch.file)
            .current_dir(root())
            .output()
            .expect("git runs");
        (!check.status.success())
            .then(|| format!("{}: {}", patch.name, String::from_utf8_lossy(&check.stderr)))
    }

    #[test]
    fn no_two_mutants_are_alike() {
        let ours = ours();
        let sentences: BTreeSet<&str> = ours.iter().map(|patch| patch.breaks.as_str()).collect();
        assert_eq!(sentences.len(), ours.len());
        assert!(ours.len() >= 45, "{} mutants", ours.len());
        for patch in &ours {
            assert!(!patch.touches.is_empty(), "{} touches nothing", patch.name);
        }
    }
}
