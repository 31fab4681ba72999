//! Builds a mutant and runs seeds until one fails.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::{MutantsError, Patch, Sandbox};
use crate::campaign::Watch;

/// Seeds that the tree without any patch must pass first.
const UNPATCHED_SEEDS: u64 = 10;

/// A mutant that runs longer than this hangs, which is a way to be caught.
const RUN_TIME_MAX: Duration = Duration::from_secs(600);

/// How often a running mutant is looked at.
const POLL: Duration = Duration::from_millis(50);

/// What became of one mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// A seed failed this oracle.
    Killed { seed: u64, oracle: String },
    /// It never came to an end.
    Hung,
    /// All seeds passed.
    Survived,
    /// It does not apply, or does not build: it tells nothing.
    Broken(String),
}

/// A mutant that was tried.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) patch: Patch,
    pub(crate) fate: Fate,
    /// Seeds that were run.
    pub(crate) seeds: u64,
    pub(crate) built_in: Duration,
    pub(crate) ran_in: Duration,
}

/// How mutants are tried.
pub(crate) struct Trial<'a> {
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) seeds: u64,
    pub(crate) jobs: usize,
    /// More options of `hunt-sim run`.
    pub(crate) options: Vec<String>,
}

impl Trial<'_> {
    /// The tree without any patch must build and pass.
    pub(crate) fn unpatched(&self) -> Result<(), MutantsError> {
        let unpatched = |detail: String| MutantsError::Unpatched { detail };
        if let Err(said) = self.sandbox.build()? {
            return Err(unpatched(format!("does not build:\n{said}\n")));
        }
        match self.run(UNPATCHED_SEEDS.min(self.seeds))?.0 {
            Fate::Survived => Ok(()),
            Fate::Killed { seed, oracle } => {
                Err(unpatched(format!("fails `{oracle}` with seed {seed}")))
            }
            Fate::Hung => Err(unpatched("does not come to an end".to_owned())),
            Fate::Broken(why) => Err(unpatched(why)),
        }
    }

    /// Tries one mutant.
    pub(crate) fn judge(&self, patch: Patch) -> Result<Judged, MutantsError> {
        let watch = Watch::start();
        let built = match self.sandbox.apply(&patch)? {
            Ok(()) => self
                .sandbox
                .build()?
                .map_err(|said| format!("does not build: {said}")),
            Err(said) => Err(format!("does not apply: {said}")),
        };
        let built_in = watch.elapsed();
        let run = match built {
            Ok(()) => self.run(self.seeds),
            Err(why) => Ok((Fate::Broken(why), 0)),
        };
        self.sandbox.restore(&patch)?;
        let (fate, seeds) = run?;
        Ok(Judged {
            patch,
            fate,
            seeds,
            built_in,
            ran_in: watch.elapsed().saturating_sub(built_in),
        })
    }

    /// Runs the program that was built last.
    fn run(&self, seeds: u64) -> Result<(Fate, u64), MutantsError> {
        let program = self.sandbox.program();
        let starting = |error| MutantsError::io(format!("running {}", program.display()), error);
        let mut command = Command::new(&program);
        command.args(["run", "--once", "--json", "--seeds", &format!("0..{seeds}")]);
        command
            .args(["--jobs", &self.jobs.to_string()])
            .args(&self.options);
        command
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = command.spawn().map_err(starting)?;
        let watch = Watch::start();
        while child.try_wait().map_err(starting)?.is_none() {
            if watch.elapsed() > RUN_TIME_MAX {
                child.kill().map_err(starting)?;
                child.wait().map_err(starting)?;
                return Ok((Fate::Hung, 0));
            }
            pause();
        }
        let output = child.wait_with_output().map_err(starting)?;
        Ok(read(&output.stdout, &output.status.to_string()))
    }
}

#[allow(clippy::disallowed_methods, reason = "waits for a real process")]
fn pause() {
    std::thread::sleep(POLL);
}

/// What `hunt-sim run --json` said. A program that says nothing of the kind crashed, which no oracle has to see.
fn read(json: &[u8], status: &str) -> (Fate, u64) {
    let Ok(told) = serde_json::from_slice::<Value>(json) else {
        let oracle = format!("crash ({status})");
        return (Fate::Killed { seed: 0, oracle }, 0);
    };
    let seeds = told["seeds"].as_u64().unwrap_or(0);
    let first = &told["failed"][0];
    match (first["seed"].as_u64(), first["oracle"].as_str()) {
        (Some(seed), Some(oracle)) => {
            let oracle = oracle.to_owned();
            (Fate::Killed { seed, oracle }, seeds)
        }
        _ => (Fate::Survived, seeds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expected: Fate, seeds: u64) {
        assert_eq!(read(json.as_bytes(), "signal 9"), (expected, seeds));
    }

    #[test]
    fn the_first_failure_kills() {
        check(
            r#"{"seeds": 4, "failed": [{"seed": 3, "oracle": "stock", "replay": ""}]}"#,
            Fate::Killed {
                seed: 3,
                oracle: "stock".to_owned(),
            },
            4,
        );
    }

    #[test]
    fn no_failure_is_survival() {
        check(r#"{"seeds": 300, "failed": []}"#, Fate::Survived, 300);
    }

    #[test]
    fn a_crash_of_the_program_kills() {
        check(
            "",
            Fate::Killed {
                seed: 0,
                oracle: "crash (signal 9)".to_owned(),
            },
            0,
        );
    }
}
