//! The simulator in a check of minutes: the same seeds each time, and other ones for each commit.

use std::process::Command;

use serde_json::Value;

use crate::builds::{checked, shipped};
use crate::metadata::Workspace;
use crate::one_hash;
use crate::process::Processes;
use crate::step::{Checked, Site, Verdict};

/// Seeds that are run for every commit, and how long that may take.
const FIXED_SEEDS: &str = "0..150";
const FIXED_TIME: &str = "40s";

/// Seeds that this commit is the first to run, and how long that may take.
const FRESH_SEEDS: u64 = 1_000_000;
const FRESH_TIME: &str = "40s";

/// Mutants that are tried for a commit, and how long new ones are begun: each is built first.
const MUTANTS: &str = "3";
const MUTANTS_TIME: &str = "60s";

/// Hexadecimal digits of the commit that choose the fresh seeds; the range after it stays below 2^64.
const COMMIT_DIGITS: usize = 10;

const _: () = assert!(
    (1 << (4 * COMMIT_DIGITS)) < u64::MAX / FRESH_SEEDS,
    "every commit has seeds of its own"
);

/// The simulator's program, built as it is used.
pub(crate) struct Simulator<'a> {
    processes: &'a Processes<'a>,
    program: std::path::PathBuf,
}

impl<'a> Simulator<'a> {
    /// Builds it.
    ///
    /// # Errors
    /// It does not build.
    pub(crate) fn build(processes: &'a Processes<'a>) -> Result<Self, String> {
        processes.run(&mut shipped("build", "--bin hunt-sim"))?;
        Self::built(processes, "release")
    }

    /// Builds it without optimisation.
    ///
    /// # Errors
    /// It does not build.
    pub(crate) fn build_debug(processes: &'a Processes<'a>) -> Result<Self, String> {
        processes.run(&mut checked("build", "--bin hunt-sim"))?;
        Self::built(processes, "debug")
    }

    fn built(processes: &'a Processes<'a>, folder: &str) -> Result<Self, String> {
        let target = Workspace::load(processes)?.target_directory;
        Ok(Self {
            processes,
            program: target.join(folder).join("hunt-sim"),
        })
    }

    /// Runs a command of it; says whether all was well, and the object that it printed.
    ///
    /// # Errors
    /// It printed no JSON object.
    pub(crate) fn told(&self, arguments: &[&str]) -> Result<(bool, Value), String> {
        println!("$ hunt-sim {} --json", arguments.join(" "));
        let mut command = Command::new(&self.program);
        command.args(arguments).arg("--json");
        let (status, output) = self.processes.told(&mut command)?;
        let told = serde_json::from_str(&output).map_err(|e| {
            format!(
                "hunt-sim {} ended with {status} and no JSON: {e}",
                arguments[0]
            )
        })?;
        Ok((status.success(), told))
    }
}

/// The step.
pub(crate) fn check(site: &Site<'_>) -> Checked {
    let simulator = Simulator::build(&site.processes)?;
    let fresh = fresh_seeds(&commit(&site.processes)?)?;
    campaign(&simulator, FIXED_SEEDS, FIXED_TIME)?;
    let fresh = format!("{fresh}..{}", fresh + FRESH_SEEDS);
    campaign(&simulator, &fresh, FRESH_TIME)?;
    one_hash::agree(&simulator, &Simulator::build_debug(&site.processes)?)?;
    Ok(Verdict::Passed)
}

/// A sample of the mutants, another one for each commit: all of them take a night.
pub(crate) fn mutants(site: &Site<'_>) -> Checked {
    let simulator = Simulator::build(&site.processes)?;
    let from = commit_number(&commit(&site.processes)?)?;
    let sample = ["--sample", MUTANTS, "--time-box", MUTANTS_TIME];
    let (fine, told) =
        simulator.told(&[&["mutants", "--from", &from.to_string()], &sample[..]].concat())?;
    println!("{} of {} killed", told["killed"], told["total"]);
    match fine {
        true => Ok(Verdict::Passed),
        false => Err(unkilled(&told)),
    }
}

/// Runs seeds until the time is up; says what failed, with the line that shows it again.
fn campaign(simulator: &Simulator<'_>, seeds: &str, time: &str) -> Result<(), String> {
    let (fine, told) = simulator.told(&["run", "--seeds", seeds, "--time-box", time])?;
    println!(
        "{} seeds, {} commands, {:.0} s simulated in {:.0} s",
        told["seeds"],
        told["commands"],
        told["simulated_s"].as_f64().unwrap_or(0.0),
        told["wall_s"].as_f64().unwrap_or(0.0)
    );
    match (fine, told["seeds"].as_u64()) {
        (true, Some(1..)) => Ok(()),
        (true, _) => Err(format!("no seed of {seeds} was run within {time}")),
        (false, _) => Err(failures(&told)),
    }
}

/// The failures of a campaign, one a line.
pub(crate) fn failures(told: &Value) -> String {
    let failed = told["failed"].as_array().into_iter().flatten().map(|one| {
        let text = |field: &str| one[field].as_str().unwrap_or_default().to_owned();
        format!(
            "seed {} failed {}: {}\n  {}",
            one["seed"],
            text("oracle"),
            text("detail"),
            text("replay")
        )
    });
    let parted = told["nondeterministic"].as_array().into_iter().flatten();
    let parted = parted
        .map(|seed| format!("seed {seed} is not deterministic: cargo sim run --seeds {seed}"));
    failed.chain(parted).collect::<Vec<_>>().join("\n")
}

/// The mutants that lived, or could not be tried, one a line.
pub(crate) fn unkilled(told: &Value) -> String {
    let mutants = told["mutants"].as_array().into_iter().flatten();
    let alive = mutants.filter(|one| one["killed"] != true).map(|one| {
        let text = |field: &str| one[field].as_str().unwrap_or_default().to_owned();
        format!("{}: {}{}", text("name"), text("breaks"), text("error"))
    });
    alive.collect::<Vec<_>>().join("\n")
}

/// The commit that is checked.
pub(crate) fn commit(processes: &Processes<'_>) -> Result<String, String> {
    let hash = processes.output(Command::new("git").args(["rev-parse", "HEAD"]))?;
    Ok(hash.trim().to_owned())
}

/// Where the fresh seeds of a commit begin.
fn fresh_seeds(commit: &str) -> Result<u64, String> {
    Ok(commit_number(commit)? * FRESH_SEEDS)
}

/// What a commit's first digits are as a number.
fn commit_number(commit: &str) -> Result<u64, String> {
    let digits = commit.get(..COMMIT_DIGITS).unwrap_or(commit);
    u64::from_str_radix(digits, 16)
        .map_err(|e| format!("the commit {commit:?} is no hexadecimal number: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_commit_has_seeds_of_its_own() {
        assert_eq!(fresh_seeds("00000000010abcdef"), Ok(FRESH_SEEDS));
        assert_eq!(fresh_seeds("ffffffffff"), Ok(((1 << 40) - 1) * FRESH_SEEDS));
        assert!(fresh_seeds("no commit").is_err());
    }

    #[test]
    fn what_failed_is_told_with_its_replay() {
        let told = serde_json::json!({
            "failed": [{"seed": 7, "oracle": "stock", "detail": "101 of 100", "replay": "cargo sim replay 7"}],
            "nondeterministic": [9],
        });
        assert_eq!(
            failures(&told),
            "seed 7 failed stock: 101 of 100\n  cargo sim replay 7\nseed 9 is not deterministic: cargo sim run --seeds 9"
        );
    }

    #[test]
    fn the_living_and_the_broken_are_told() {
        let told = serde_json::json!({"mutants": [
            {"name": "01-a", "killed": true, "breaks": "A."},
            {"name": "02-b", "killed": false, "breaks": "B."},
            {"name": "03-c", "killed": false, "breaks": "C.", "error": " does not apply"},
        ]});
        assert_eq!(unkilled(&told), "02-b: B.\n03-c: C. does not apply");
    }
}
