//! Everything that goes through FoundationDB's C API.
//!
//! ```text
//!   FDB_CLUSTER_FILE set:  tests ─▶ libfdb_c.so of the system ─▶ that cluster
//!   not set:               tests ─▶ libfdb_c.so of `fdb-c`    ─▶ embedded stores, one process each
//! ```
//!
//! The steps are one group: `cargo ci fdb` runs them all. They share the artefacts of `test`. What can't be
//! had on this machine (libclang, Python's venv) skips its step, which says so.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::builds::{cargo, checked};
use crate::cargo::build_engine;
use crate::libclang;
use crate::metadata::Workspace;
use crate::step::{Checked, Site, Verdict};

/// The group's name.
pub(crate) const GROUP: &str = "fdb";

/// Names the cluster; without it `fdb-c` stands in.
const CLUSTER_FILE: &str = "FDB_CLUSTER_FILE";

/// Names the client library that the engine and the tests load.
const LIBRARY: &str = "HUNT_FDB_LIBRARY";

/// Rounds of kills: each starts, plays, kills and verifies, on a store that takes its time.
const KILL_ROUNDS: &str = "5";

/// The differential test of the official Python binding.
const PYTHON_TEST: &str = "storage/fdb-c/tests/python/differential.py";

/// Allows that test to erase the whole cluster.
const ERASE_ALL: &str = "HUNT_FDB_ERASE_ALL";

/// How many operations it compares.
const PYTHON_OPERATIONS: &str = "10000";

/// The binding, from Python's package index.
const PYTHON_BINDING: &str = "foundationdb>=7.3,<7.4";

/// What a step of this group runs against.
struct Setting {
    library: Option<PathBuf>,
    cluster_file: Option<String>,
}

/// The promises of a store, and how opening one fails.
pub(crate) fn promises(site: &Site<'_>) -> Checked {
    if let Some(skipped) = libclang::missing() {
        return Ok(skipped);
    }
    let setting = Setting::find(site)?;
    let mut command = checked("test", "--test fdb");
    setting.tell_promises(site, &mut command)?;
    site.processes.run(&mut command)?;
    Ok(Verdict::Passed)
}

/// The engine's kill tests with `--store fdb:`.
pub(crate) fn kill(site: &Site<'_>) -> Checked {
    if let Some(skipped) = libclang::missing() {
        return Ok(skipped);
    }
    let setting = Setting::find(site)?;
    build_engine(&site.processes)?;
    let mut command = checked("test", "--test kill rounds::");
    setting.tell_engine(&mut command);
    command.env("HUNT_KILL_ROUNDS", KILL_ROUNDS);
    let ran = site.processes.run(&mut command);
    setting.clear_cluster(site)?;
    ran.map(|()| Verdict::Passed)
}

/// Three engines on one cluster; `fdb-c` has a store for one process only.
pub(crate) fn nodes(site: &Site<'_>) -> Checked {
    if let Some(skipped) = libclang::missing() {
        return Ok(skipped);
    }
    let setting = Setting::find(site)?;
    if setting.cluster_file.is_none() {
        let why = format!("{CLUSTER_FILE} is not set, and fdb-c serves one process only");
        return Ok(Verdict::Skipped(why));
    }
    build_engine(&site.processes)?;
    let mut command = checked("test", "--test nodes");
    setting.tell_engine(&mut command);
    let ran = site.processes.run(&mut command);
    setting.clear_cluster(site)?;
    ran.map(|()| Verdict::Passed)
}

/// The official Python binding: a seeded run of operations sees the same in memory, on a directory, and on a cluster.
pub(crate) fn python(site: &Site<'_>) -> Checked {
    let test = site.ground.root.join(PYTHON_TEST);
    let target = Workspace::load(&site.processes)?.target_directory;
    let python = match binding(site, &target.join("fdb-python")) {
        Ok(python) => python,
        Err(why) => return Ok(Verdict::Skipped(why)),
    };
    let library = build_fdb_c(site)?;
    let folder = emptied(target.join("fdb-transcripts"))?;
    let transcribe = |place: &str, name: &str, library: Option<&Path>| {
        let out = folder.join(name);
        let mut command = Command::new(&python);
        command.arg(&test).args([place, "--erase"]);
        command.args(["--operations", PYTHON_OPERATIONS, "--out"]);
        command.arg(&out);
        if let Some(library) = library {
            // Loaded by its name, as FoundationDB's own would be.
            command.env("LD_LIBRARY_PATH", library.parent().unwrap_or(library));
        }
        site.processes.run(&mut command)?;
        std::fs::read(&out).map_err(|e| format!("{}: {e}", out.display()))
    };
    let in_memory = transcribe("memory", "memory", Some(&library))?;
    let directory = format!("embedded:{}", folder.join("store").display());
    let mut others = vec![transcribe(&directory, "embedded", Some(&library))?];
    match (set(CLUSTER_FILE), set(ERASE_ALL)) {
        (Some(cluster_file), Some(_)) => {
            let library = set(LIBRARY).map(PathBuf::from);
            others.push(transcribe(&cluster_file, "cluster", library.as_deref())?);
        }
        (Some(_), None) => println!(
            "note: not on the cluster, since the run erases all of it: {ERASE_ALL}=1 allows that"
        ),
        (None, _) => {}
    }
    match others.iter().all(|other| *other == in_memory) {
        true => Ok(Verdict::Passed),
        false => Err(format!(
            "the transcripts in {} differ: one store answers otherwise",
            folder.display()
        )),
    }
}

impl Setting {
    /// Builds `fdb-c` unless there is a cluster.
    fn find(site: &Site<'_>) -> Result<Self, String> {
        let cluster_file = set(CLUSTER_FILE);
        let library = match (&cluster_file, set(LIBRARY)) {
            (_, Some(library)) => Some(library.into()),
            (Some(_), None) => None,
            (None, None) => Some(build_fdb_c(site)?),
        };
        Ok(Self {
            library,
            cluster_file,
        })
    }

    fn tell_engine(&self, command: &mut Command) {
        command.env("HUNT_TEST_STORE", "fdb");
        command.env("HUNT_TEST_PREFIX", prefix());
        self.tell_library(command);
    }

    /// The promises run on a store of their own if there is no cluster.
    fn tell_promises(&self, site: &Site<'_>, command: &mut Command) -> Result<(), String> {
        self.tell_library(command);
        if self.cluster_file.is_some() {
            return Ok(());
        }
        let target = Workspace::load(&site.processes)?.target_directory;
        let folder = emptied(target.join("fdb-promises"))?;
        let cluster_file = folder.join("fdb.cluster");
        let place = format!("embedded:{}\n", folder.join("store").display());
        std::fs::write(&cluster_file, place).map_err(|e| format!("{}: {e}", folder.display()))?;
        command.env(CLUSTER_FILE, cluster_file);
        Ok(())
    }

    /// Removes what the tests left on a cluster.
    fn clear_cluster(&self, site: &Site<'_>) -> Result<(), String> {
        let Some(cluster_file) = &self.cluster_file else {
            return Ok(());
        };
        let mut command = cargo("run -p store-fdb --locked --example clear --");
        command.args([cluster_file, &prefix()]);
        self.tell_library(&mut command);
        site.processes.run(&mut command)
    }

    fn tell_library(&self, command: &mut Command) {
        if let Some(library) = &self.library {
            command.env(LIBRARY, library);
        }
    }
}

/// What the tests of this run write on a shared cluster begins with this.
fn prefix() -> String {
    format!("hunt-ci-{}/", std::process::id())
}

/// A variable of the environment that says something.
fn set(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The folder, without what an earlier run left there.
fn emptied(folder: PathBuf) -> Result<PathBuf, String> {
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    Ok(folder)
}

/// The library that stands in for FoundationDB's.
fn build_fdb_c(site: &Site<'_>) -> Result<PathBuf, String> {
    site.processes.run(&mut checked("build", "--lib"))?;
    let target = Workspace::load(&site.processes)?.target_directory;
    Ok(target.join("debug/libfdb_c.so"))
}

/// A Python that has the binding, in an environment of its own; why not, if it can't be had.
fn binding(site: &Site<'_>, folder: &Path) -> Result<PathBuf, String> {
    let python = folder.join("bin/python");
    let has_binding = |python: &Path| {
        let mut command = Command::new(python);
        command.args([
            "-c",
            "import importlib.metadata as m; print(m.version('foundationdb'))",
        ]);
        site.processes.output(&mut command)
    };
    if python.is_file() && has_binding(&python).is_ok() {
        return Ok(python);
    }
    let why = |fault: String| format!("the Python binding can't be had: {fault}");
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(folder);
    site.processes.run(&mut make).map_err(why)?;
    let mut install = Command::new(&python);
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]);
    install.arg(PYTHON_BINDING);
    site.processes.run(&mut install).map_err(why)?;
    has_binding(&python).map_err(why)?;
    Ok(python)
}
