//! Runs seeds of a program that was built, some at a time, until one fails.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::{Fate, MutantsError};
use crate::campaign::Watch;

/// Seeds of one process: so that a mutant that hangs, or eats memory, is noticed soon.
const SEEDS_AT_ONCE: u64 = 10;

/// A process that takes so much longer than that of the tree without a patch hangs, which is a way to be caught. A machine
/// that is busy with other work must not look like it.
const PATIENCE: u32 = 100;
const PATIENCE_MIN: Duration = Duration::from_secs(300);

/// How often a running mutant is looked at.
const POLL: Duration = Duration::from_millis(50);

/// What the seeds found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) fate: Fate,
    /// Seeds that were run.
    pub(super) seeds: u64,
}

impl Found {
    /// Without any seed.
    pub(super) fn of(fate: Fate) -> Self {
        Self { fate, seeds: 0 }
    }
}

/// How seeds are run.
pub(super) struct Seeds<'a> {
    pub(super) program: PathBuf,
    pub(super) jobs: usize,
    pub(super) options: &'a [String],
    /// How long as many seeds usually take; none: as long as they will.
    pub(super) usual: Option<Duration>,
}

impl Seeds<'_> {
    /// Runs the first `seeds` seeds until one fails; `told` hears how many have passed.
    pub(super) fn run(&self, seeds: u64, told: &mut dyn FnMut(u64)) -> Result<Found, MutantsError> {
        let mut from = 0;
        while from < seeds {
            let to = seeds.min(from + SEEDS_AT_ONCE);
            let found = self.some(from, to)?;
            if found.fate != Fate::Survived {
                return Ok(Found {
                    seeds: from + found.seeds,
                    ..found
                });
            }
            from = to;
            told(from);
        }
        Ok(Found {
            fate: Fate::Survived,
            seeds,
        })
    }

    fn some(&self, from: u64, to: u64) -> Result<Found, MutantsError> {
        let running =
            |error| MutantsError::io(format!("running {}", self.program.display()), error);
        let mut command = Command::new(&self.program);
        command.args([
            "run",
            "--once",
            "--json",
            "--seeds",
            &format!("{from}..{to}"),
        ]);
        command
            .args(["--jobs", &self.jobs.to_string()])
            .args(self.options);
        // Not a pipe: nobody would empty it before the end, and who fills it waits for ever.
        let told = self.program.with_extension("told.json");
        let file = File::create(&told).map_err(running)?;
        command
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .stdout(file);
        let mut child = command.spawn().map_err(running)?;
        let watch = Watch::start();
        let patience = self.usual.map(|usual| (usual * PATIENCE).max(PATIENCE_MIN));
        let status = loop {
            if let Some(status) = child.try_wait().map_err(running)? {
                break status;
            }
            if patience.is_some_and(|patience| watch.elapsed() > patience) {
                child.kill().map_err(running)?;
                child.wait().map_err(running)?;
                return Ok(Found::of(Fate::Hung));
            }
            pause();
        };
        let told = fs::read(&told).map_err(running)?;
        Ok(read(&told, &status.to_string()))
    }
}

#[allow(clippy::disallowed_methods, reason = "waits for a real process")]
fn pause() {
    std::thread::sleep(POLL);
}

/// What `hunt-sim run --json` said. A program that says nothing of the kind crashed, which no oracle has to see.
fn read(json: &[u8], status: &str) -> Found {
    let Ok(told) = serde_json::from_slice::<Value>(json) else {
        let oracle = format!("crash ({status})");
        return Found::of(Fate::Killed { seed: 0, oracle });
    };
    let seeds = told["seeds"].as_u64().unwrap_or(0);
    let first = &told["failed"][0];
    let fate = match (first["seed"].as_u64(), first["oracle"].as_str()) {
        (Some(seed), Some(oracle)) => Fate::Killed {
            seed,
            oracle: oracle.to_owned(),
        },
        _ => Fate::Survived,
    };
    Found { fate, seeds }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, fate: Fate, seeds: u64) {
        let found = read(json.as_bytes(), "signal 9");
        assert_eq!(found, Found { fate, seeds });
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
        check(r#"{"seeds": 10, "failed": []}"#, Fate::Survived, 10);
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
