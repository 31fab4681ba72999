//! The patch files: one sentence that says what breaks, then a diff.

use std::fs;
use std::path::{Path, PathBuf};

use super::MutantsError;

/// Where a patch's diff begins: as git writes it, and as others do.
const DIFF: [&str; 2] = ["diff --git ", "--- "];

/// How patch files end.
const ENDINGS: [&str; 2] = ["patch", "diff"];

/// One mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Patch {
    /// Its file's name without the ending.
    pub(crate) name: String,
    /// What it breaks.
    pub(crate) breaks: String,
    /// The file, absolute.
    pub(crate) file: PathBuf,
    /// All of it.
    pub(crate) text: String,
    /// The files it touches, relative to the root of the tree.
    pub(crate) touches: Vec<String>,
}

impl Patch {
    /// The number that its name begins with; those without one come first.
    fn number(&self) -> Option<u32> {
        let digits = self.name.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok()
    }

    /// It changes this crate, by the name of its folder.
    pub(crate) fn touches(&self, name: &str) -> bool {
        let within = format!("/{name}/");
        self.touches.iter().any(|file| file.contains(&within))
    }
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
        let ending = file.extension().and_then(|ending| ending.to_str());
        if ending.is_some_and(|ending| ENDINGS.contains(&ending))
            && only.is_none_or(|only| name.contains(only))
        {
            found.push(read(name.to_owned(), &file)?);
        }
    }
    found.sort_by(|a, b| (a.number(), &a.name).cmp(&(b.number(), &b.name)));
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
    let begins = |mark: &&&str| text.starts_with(**mark) || text.contains(&format!("\n{mark}"));
    let Some(start) = DIFF.iter().find(begins).and_then(|mark| text.find(mark)) else {
        return Err(wrong("no diff in it: write it with `git diff`"));
    };
    let sentence = text[..start].split_whitespace().collect::<Vec<_>>();
    let breaks = match sentence.is_empty() {
        true => name.clone(),
        false => sentence.join(" "),
    };
    let touched = text
        .lines()
        .filter_map(|line| line.strip_prefix("+++ "))
        .map(|file| file.strip_prefix("b/").unwrap_or(file))
        .map(|file| file.split('\t').next().unwrap_or(file).to_owned());
    Ok(Patch {
        name,
        breaks,
        file: fs::canonicalize(file).map_err(reading)?,
        touches: touched.collect(),
        text,
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
    fn patches_of_others_are_read_as_they_come() {
        let folder = std::env::temp_dir().join(format!("hunt-sim-patches-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let plain = "--- a/engine/node/src/tail.rs\t2027\n+++ b/engine/node/src/tail.rs\t2027\n@@ -1 +1 @@\n-a\n+b\n";
        fs::write(folder.join("one.diff"), plain).expect("a file");
        fs::write(folder.join("notes.txt"), plain).expect("a file");
        let found = patches(&folder, None).expect("they can be read");
        let _ = fs::remove_dir_all(&folder);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].name.as_str(), found[0].breaks.as_str()),
            ("one", "one")
        );
        assert!(found[0].touches("node") && !found[0].touches("hunt"));
    }

    #[test]
    fn no_two_mutants_are_alike() {
        let ours = ours();
        let sentences: BTreeSet<&str> = ours.iter().map(|patch| patch.breaks.as_str()).collect();
        assert_eq!(sentences.len(), ours.len());
        assert!(ours.len() >= 100, "{} mutants", ours.len());
        for patch in &ours {
            assert_ne!(patch.breaks, patch.name, "say in a sentence what it breaks");
            assert!(!patch.touches.is_empty(), "{} touches nothing", patch.name);
        }
    }
}
