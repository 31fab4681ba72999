//! The checks leave the work tree as it was: what they build goes to the target directory,
//! what they try goes to temporary folders.

use std::process::Command;

use crate::process::Processes;
use crate::step::{Checked, Site, Verdict};

/// What git says about the work tree at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// Which files are changed, added or unknown.
    status: String,
    /// How the changed ones differ: one that was changed before may be changed again.
    diff: String,
}

impl Snapshot {
    /// Asks git.
    ///
    /// # Errors
    /// Git is missing, or this is no work tree.
    pub(crate) fn take(processes: &Processes<'_>) -> Result<Self, String> {
        let git = |arguments: &[&str]| processes.output(Command::new("git").args(arguments));
        Ok(Self {
            status: git(&["status", "--porcelain", "--untracked-files=all"])?,
            diff: git(&["diff", "--no-color", "--no-ext-diff", "--full-index"])?,
        })
    }

    fn changed_since(&self, before: &Self) -> Option<String> {
        if self == before {
            return None;
        }
        let known: Vec<&str> = before.status.lines().collect();
        let new = self.status.lines().filter(|line| !known.contains(line));
        let lines: Vec<&str> = new.collect();
        Some(match lines.as_slice() {
            [] => "a file that was changed already".to_string(),
            lines => lines.join("\n"),
        })
    }
}

/// The step; it runs last.
pub(crate) fn check(site: &Site<'_>) -> Checked {
    let Some(before) = &site.ground.tree_before else {
        return Err("the state before the run was not noted".to_string());
    };
    let after = Snapshot::take(&site.processes)?;
    match after.changed_since(before.as_ref()?) {
        None => Ok(Verdict::Passed),
        Some(what) => Err(format!(
            "the work tree changed while the checks ran (if you edited nothing meanwhile, a test \
             writes into the tree: give it a temporary folder):\n{what}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: (&str, &str), after: (&str, &str), expected: Option<&str>) {
        let snapshot = |(status, diff): (&str, &str)| Snapshot {
            status: status.to_string(),
            diff: diff.to_string(),
        };
        let changed = snapshot(after).changed_since(&snapshot(before));
        assert_eq!(changed.as_deref(), expected);
    }

    #[test]
    fn the_same_dirty_tree_passes() {
        check((" M a\n", "+1"), (" M a\n", "+1"), None);
    }

    #[test]
    fn a_new_file_is_named() {
        check((" M a\n", "+1"), (" M a\n?? b\n", "+1"), Some("?? b"));
    }

    #[test]
    fn another_change_of_a_changed_file_is_seen() {
        check(
            (" M a\n", "+1"),
            (" M a\n", "+2"),
            Some("a file that was changed already"),
        );
    }
}
