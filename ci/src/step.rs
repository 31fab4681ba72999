//! One check: its name, its time limit, and what came of it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::process::Processes;
use crate::tree::Snapshot;

/// One named check of the project.
#[derive(Debug)]
pub(crate) struct Step {
    /// What a person types to run it.
    pub(crate) name: &'static str,
    /// Steps of one group are asked for together by this name; none: the step stands alone.
    pub(crate) group: Option<&'static str>,
    /// One line for `--list`.
    pub(crate) what: &'static str,
    /// How long all its processes together may take before they are killed.
    pub(crate) limit: Duration,
    /// Runs only if it is asked for by name: it takes hours.
    pub(crate) on_demand: bool,
    /// The check itself.
    pub(crate) check: Check,
}

/// How a check ended when nothing was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// What the step promises holds.
    Passed,
    /// It could not be looked at here, for this reason; counted as passed, shown as skipped.
    Skipped(String),
}

/// What a check says: its verdict, or what is wrong and what to do.
pub(crate) type Checked = Result<Verdict, String>;

/// Looks whether what a step promises holds.
pub(crate) type Check = fn(&Site<'_>) -> Checked;

/// What the steps of one run have in common.
#[derive(Debug)]
pub(crate) struct Ground {
    /// The workspace's folder.
    pub(crate) root: PathBuf,
    /// The state of the tree before the first step, if somebody will ask for it.
    pub(crate) tree_before: Option<Result<Snapshot, String>>,
}

/// What a check works with.
pub(crate) struct Site<'a> {
    /// What all steps share.
    pub(crate) ground: &'a Ground,
    /// Starts processes under this step's time limit.
    pub(crate) processes: Processes<'a>,
}

/// A step that ran.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) name: &'static str,
    pub(crate) took: Duration,
    pub(crate) result: Checked,
}

impl Ground {
    /// Finds the workspace, and notes the tree's state if the run will compare it at its end.
    pub(crate) fn survey(keep_tree: bool) -> Self {
        let root = root();
        let snapshot = || Snapshot::take(&Processes::new(&root, "survey", SURVEY_LIMIT));
        let tree_before = keep_tree.then(snapshot);
        Self { root, tree_before }
    }
}

/// Looking at the tree takes git milliseconds.
const SURVEY_LIMIT: Duration = Duration::from_secs(60);

impl Step {
    /// Runs the check, with its name before and its result and time after its output.
    pub(crate) fn run(&self, ground: &Ground) -> Ran {
        println!("\n== {}: {}", self.name, self.what);
        let started = Instant::now();
        let site = Site {
            ground,
            processes: Processes::new(&ground.root, self.name, self.limit),
        };
        let result = (self.check)(&site);
        let took = started.elapsed();
        match &result {
            Ok(Verdict::Passed) => println!("== {}: passed in {}", self.name, seconds(took)),
            Ok(Verdict::Skipped(why)) => println!("== {}: skipped: {why}", self.name),
            Err(why) => println!("{why}\n== {}: FAILED in {}", self.name, seconds(took)),
        }
        Ran {
            name: self.name,
            took,
            result,
        }
    }
}

/// A duration as a person reads it.
pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// The workspace is the folder above this crate. Cargo says where that is when it runs us; a
/// binary started by hand knows where it was built.
fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest
        .parent()
        .map_or_else(|| manifest.clone(), PathBuf::from)
}
