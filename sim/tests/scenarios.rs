//! Plans that failed once, shrunk by `hunt-sim shrink` and kept: none of them may fail again.

use std::fs;
use std::path::{Path, PathBuf};

use sim::outcome::RunOptions;
use sim::plan::Plan;
use sim::run::run;

/// Where they are kept.
const FOLDER: &str = "../tests/scenarios";

fn scenarios() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let files = entries.map(|entry| entry.expect("a folder that can be read").path());
    let mut files: Vec<PathBuf> = files
        .filter(|file| file.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    files
}

/// Why the plan of this file fails, if it does.
fn failure(file: &Path) -> Option<String> {
    let text = fs::read_to_string(file).expect("it can be read");
    let plan: Plan =
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    plan.check()
        .unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let failure = run(&plan, RunOptions::default()).failure?;
    Some(format!(
        "{}: {}: {}",
        file.display(),
        failure.oracle,
        failure.detail
    ))
}

#[test]
fn what_failed_once_passes() {
    let scenarios = scenarios();
    assert!(!scenarios.is_empty(), "there are no scenarios in {FOLDER}");
    let failures: Vec<String> = scenarios.iter().filter_map(|file| failure(file)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
