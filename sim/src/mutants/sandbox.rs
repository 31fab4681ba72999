//! A copy of the crates that a run is made of, where patches are applied and built.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::trim::with_members;
use super::{MutantsError, Patch};

/// The crates that are copied.
const CRATES: &[&str] = &[
    "engine/allocator",
    "engine/hunt",
    "engine/node",
    "storage/store",
    "storage/store-embedded",
    "storage/store-sim",
    "sim",
];

/// Files of the root that are copied as they are.
const ROOT_FILES: &[&str] = &["Cargo.lock", "clippy.toml"];

/// Built faster than the shipped program and nearly as fast as it: what is built once is run for seconds only.
const PROFILE: &[&str] = &[
    "profile.release.lto=false",
    "profile.release.codegen-units=16",
    "profile.release.debug=false",
    "profile.release.opt-level=1",
    "profile.release.incremental=true",
];

/// The copy.
pub(crate) struct Sandbox {
    tree: PathBuf,
    from: PathBuf,
    folder: PathBuf,
    /// Whoever else wants the folder meanwhile is refused.
    _lock: File,
}

impl Sandbox {
    /// Copies what is needed of the tree `from` into `folder`, which keeps its build products from one time to the next.
    pub(crate) fn make(from: &Path, folder: &Path) -> Result<Self, MutantsError> {
        let lock = lock(folder)?;
        let tree = folder.join("tree");
        for path in CRATES {
            mirror(&from.join(path), &tree.join(path))?;
        }
        for file in ROOT_FILES {
            copy_changed(&from.join(file), &tree.join(file))?;
        }
        let manifest = read(&from.join("Cargo.toml"))?;
        let manifest = with_members(&manifest, CRATES).ok_or_else(|| MutantsError::Patch {
            file: from.join("Cargo.toml").display().to_string(),
            detail: "not the root of the workspace: give it with --tree".to_owned(),
        })?;
        write_changed(&tree.join("Cargo.toml"), manifest.as_bytes())?;
        Ok(Self {
            tree,
            from: from.to_owned(),
            folder: folder.to_owned(),
            _lock: lock,
        })
    }

    /// Puts the patch in; `Err` is git's word on why it does not apply.
    pub(crate) fn apply(&self, patch: &Patch) -> Result<Result<(), String>, MutantsError> {
        let first = self.apply_with(patch, &[])?;
        if first.is_ok() {
            return Ok(first);
        }
        // Made for a tree that has changed a little since: one line around each change must still be the same.
        let second = self.apply_with(patch, &["-C1", "--recount"])?;
        Ok(second.or(first))
    }

    /// What lies outside of the copy, such as documents and tests, is left out.
    fn apply_with(
        &self,
        patch: &Patch,
        options: &[&str],
    ) -> Result<Result<(), String>, MutantsError> {
        // Outside any work tree `git apply` is a plain patch program, wherever the copy lies.
        let mut git = Command::new("git");
        git.args(["apply", "--whitespace=nowarn"]).args(options);
        for path in CRATES {
            git.arg(format!("--include={path}/*"));
        }
        git.arg(&patch.file)
            .env("GIT_CEILING_DIRECTORIES", &self.folder)
            .current_dir(&self.tree);
        self.spoken(&mut git)
    }

    /// Takes the patch out again.
    pub(crate) fn restore(&self, patch: &Patch) -> Result<(), MutantsError> {
        for path in CRATES {
            let within = format!("{path}/");
            if patch.touches.iter().any(|file| file.starts_with(&within)) {
                mirror(&self.from.join(path), &self.tree.join(path))?;
            }
        }
        Ok(())
    }

    /// Builds `hunt-sim`; `Err` is what the compiler says.
    pub(crate) fn build(&self) -> Result<Result<(), String>, MutantsError> {
        self.cargo(&["build", "-p", "sim", "--bin", "hunt-sim"])
    }

    /// Runs the tests of a crate; `Err` is what they say.
    pub(crate) fn test(&self, name: &str) -> Result<Result<(), String>, MutantsError> {
        self.cargo(&["test", "-p", name])
    }

    fn cargo(&self, arguments: &[&str]) -> Result<Result<(), String>, MutantsError> {
        let mut cargo = Command::new("cargo");
        cargo
            .args(arguments)
            .args(["--release", "--offline", "--quiet"]);
        for setting in PROFILE {
            cargo.args(["--config", setting]);
        }
        cargo
            .current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", self.target());
        cargo
            .env("RUSTFLAGS", "-Awarnings")
            .env("CARGO_INCREMENTAL", "1");
        self.spoken(&mut cargo)
    }

    /// The program that [`Sandbox::build`] made.
    pub(crate) fn program(&self) -> PathBuf {
        self.target().join("release/hunt-sim")
    }

    fn target(&self) -> PathBuf {
        self.folder.join("target")
    }

    fn spoken(&self, command: &mut Command) -> Result<Result<(), String>, MutantsError> {
        let output = command.stdin(Stdio::null()).output().map_err(|error| {
            MutantsError::io(format!("starting {:?}", command.get_program()), error)
        })?;
        Ok(match output.status.success() {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        })
    }
}

/// Two trials in one folder would build each other's patches.
fn lock(folder: &Path) -> Result<File, MutantsError> {
    let file = folder.join("lock");
    let failed = |error| MutantsError::io(format!("locking {}", file.display()), error);
    fs::create_dir_all(folder).map_err(failed)?;
    let lock = File::create(&file).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(MutantsError::Busy {
            folder: folder.display().to_string(),
        }),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Makes `to` the same as `from`. Files that are the same already keep their time, so that cargo does not build them again.
fn mirror(from: &Path, to: &Path) -> Result<(), MutantsError> {
    fs::create_dir_all(to)
        .map_err(|error| MutantsError::io(format!("making {}", to.display()), error))?;
    for gone in names(to)?
        .into_iter()
        .filter(|name| !from.join(name).exists())
    {
        let gone = to.join(gone);
        let removed = if gone.is_dir() {
            fs::remove_dir_all(&gone)
        } else {
            fs::remove_file(&gone)
        };
        removed.map_err(|error| MutantsError::io(format!("removing {}", gone.display()), error))?;
    }
    for name in names(from)? {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            mirror(&from, &to)?;
        } else {
            copy_changed(&from, &to)?;
        }
    }
    Ok(())
}

/// What a folder holds, without build products.
fn names(folder: &Path) -> Result<Vec<std::ffi::OsString>, MutantsError> {
    let reading = |error| MutantsError::io(format!("reading {}", folder.display()), error);
    let entries = fs::read_dir(folder).map_err(reading)?;
    let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
    let mut names: Vec<_> = names.collect::<Result<_, _>>().map_err(reading)?;
    names.retain(|name| name != "target");
    names.sort();
    Ok(names)
}

fn copy_changed(from: &Path, to: &Path) -> Result<(), MutantsError> {
    let bytes = fs::read(from)
        .map_err(|error| MutantsError::io(format!("reading {}", from.display()), error))?;
    write_changed(to, &bytes)
}

fn write_changed(to: &Path, bytes: &[u8]) -> Result<(), MutantsError> {
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::write(to, bytes)
        .map_err(|error| MutantsError::io(format!("writing {}", to.display()), error))
}

fn read(file: &Path) -> Result<String, MutantsError> {
    fs::read_to_string(file)
        .map_err(|error| MutantsError::io(format!("reading {}", file.display()), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of one test, removed at its end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn make(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("hunt-sim-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).expect("a folder");
            Self(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_mirror_follows_and_leaves_alone_what_is_the_same() {
        let scratch = Scratch::make("mirror");
        let (from, to) = (scratch.0.join("from"), scratch.0.join("to"));
        fs::create_dir_all(from.join("deep")).expect("a folder");
        fs::write(from.join("deep/a"), "1").expect("a file");
        fs::write(from.join("b"), "2").expect("a file");
        mirror(&from, &to).expect("it is copied");
        let time = |file: &str| {
            fs::metadata(to.join(file))
                .expect("there")
                .modified()
                .expect("a time")
        };
        let before = time("b");
        fs::write(to.join("deep/a"), "changed by a patch").expect("a file");
        fs::write(to.join("new"), "made by a patch").expect("a file");
        mirror(&from, &to).expect("it is copied again");
        assert_eq!(fs::read_to_string(to.join("deep/a")).expect("there"), "1");
        assert!(!to.join("new").exists());
        assert_eq!(time("b"), before);
    }

    #[test]
    fn a_folder_is_for_one_trial_at_a_time() {
        let scratch = Scratch::make("lock");
        let held = lock(&scratch.0).expect("it is free");
        assert!(matches!(lock(&scratch.0), Err(MutantsError::Busy { .. })));
        drop(held);
        lock(&scratch.0).expect("it is free again");
    }

    #[test]
    fn a_patch_goes_in_and_out() {
        if Command::new("git").arg("--version").output().is_err() {
            return;
        }
        let scratch = Scratch::make("patch");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let sandbox = Sandbox::make(&root, &scratch.0).expect("it is copied");
        let file = sandbox.tree.join("sim/src/plan.rs");
        let text = fs::read_to_string(&file).expect("there");
        let mut lines = text.lines();
        let (first, second) = (
            lines.next().expect("a line"),
            lines.next().expect("another"),
        );
        let diff = format!(
            "Breaks nothing.\ndiff --git a/sim/src/plan.rs b/sim/src/plan.rs\n--- a/sim/src/plan.rs\n+++ b/sim/src/plan.rs\n@@ -1,2 +1,3 @@\n {first}\n+//! More.\n {second}\n"
        );
        fs::write(scratch.0.join("01-more.patch"), diff).expect("a patch");
        let patch = super::super::patches(&scratch.0, Some("more"))
            .expect("one")
            .remove(0);
        sandbox
            .apply(&patch)
            .expect("git runs")
            .expect("it applies");
        assert!(
            fs::read_to_string(&file)
                .expect("there")
                .contains("//! More.")
        );
        sandbox
            .apply(&patch)
            .expect("git runs")
            .expect_err("only once");
        sandbox.restore(&patch).expect("it is taken out");
        assert_eq!(fs::read_to_string(&file).expect("there"), text);
    }
}
