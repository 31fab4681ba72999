//! The steps that are cargo commands.
//!
//! They share one target directory, so what clippy checked the docs need not check again. Only
//! the loom models have their own: their flags would otherwise rebuild everything twice.

use std::process::Command;

use crate::metadata::{Package, Workspace};
use crate::process::Processes;
use crate::step::{Checked, Site, Verdict};

/// How long each fuzz target runs unless `HUNT_FUZZ_SECONDS` says otherwise.
pub(crate) const FUZZ_SECONDS_DEFAULT: &str = "8";

/// The variable that the fuzz targets read.
const FUZZ_SECONDS: &str = "HUNT_FUZZ_SECONDS";

/// The crate that holds the tests of the whole.
const TESTS: &str = "tests";

/// Test programs of that crate that are steps of their own.
const OWN_STEPS: &[&str] = &["fuzz", "kill", "load"];

/// A command that cargo runs; words are parted by spaces.
pub(crate) fn cargo(line: &str) -> Command {
    let mut command = Command::new("cargo");
    command.args(line.split(' '));
    command
}

pub(crate) fn format(site: &Site<'_>) -> Checked {
    passed(site.processes.run(&mut cargo("fmt --all --check")))
}

pub(crate) fn clippy(site: &Site<'_>) -> Checked {
    let line = "clippy --workspace --all-targets --locked -- -D warnings";
    passed(site.processes.run(&mut cargo(line)))
}

pub(crate) fn docs(site: &Site<'_>) -> Checked {
    let mut command = cargo("doc --workspace --no-deps --locked");
    passed(
        site.processes
            .run(command.env("RUSTDOCFLAGS", "-D warnings")),
    )
}

/// All tests but those that are steps of their own. The engine is built first: some tests of
/// the whole start it as a program.
pub(crate) fn test(site: &Site<'_>) -> Checked {
    let workspace = Workspace::load(&site.processes)?;
    let missing = format!("the workspace has no crate `{TESTS}`");
    let whole = test_of_the_whole(workspace.package(TESTS).ok_or(missing)?);
    let run = |line: &str| site.processes.run(&mut cargo(line));
    run(&format!("test --workspace --exclude {TESTS} --locked"))?;
    run("build -p server --locked")?;
    passed(whole.map_or(Ok(()), |line| run(&line)))
}

pub(crate) fn loom(site: &Site<'_>) -> Checked {
    let target = Workspace::load(&site.processes)?
        .target_directory
        .join("loom");
    let mut command = cargo("test -p mesh --release --locked --test loom");
    command
        .env("RUSTFLAGS", "--cfg loom")
        .env("CARGO_TARGET_DIR", target);
    passed(site.processes.run(&mut command))
}

pub(crate) fn fuzz(site: &Site<'_>) -> Checked {
    let seconds = std::env::var_os(FUZZ_SECONDS).unwrap_or_else(|| FUZZ_SECONDS_DEFAULT.into());
    let mut command = cargo("test -p tests --release --locked --test fuzz");
    passed(site.processes.run(command.env(FUZZ_SECONDS, seconds)))
}

pub(crate) fn kill(site: &Site<'_>) -> Checked {
    build_engine(&site.processes)?;
    passed(
        site.processes
            .run(&mut cargo("test -p tests --release --locked --test kill")),
    )
}

pub(crate) fn load(site: &Site<'_>) -> Checked {
    build_engine(&site.processes)?;
    passed(
        site.processes
            .run(&mut cargo("test -p tests --release --locked --test load")),
    )
}

/// Builds the program as it is shipped; quick when it is there already.
///
/// # Errors
/// It does not build.
pub(crate) fn build_engine(processes: &Processes<'_>) -> Result<(), String> {
    processes.run(&mut cargo("build --release -p server --locked"))
}

fn passed(result: Result<(), String>) -> Checked {
    result.map(|()| Verdict::Passed)
}

/// The command for the tests of the crate `tests`, without those that are steps of their own;
/// nothing if there are no others.
fn test_of_the_whole(package: &Package) -> Option<String> {
    let mut targets = Vec::new();
    for target in package.targets.iter().filter(|target| target.tested) {
        match target.kind.as_str() {
            "lib" => targets.push("--lib".to_string()),
            "test" if !OWN_STEPS.contains(&target.name.as_str()) => {
                targets.push(format!("--test {}", target.name));
            }
            _ => {}
        }
    }
    (!targets.is_empty()).then(|| format!("test -p {TESTS} --locked {}", targets.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Target;

    fn check(targets: &[(&str, &str)], expected: Option<&str>) {
        let target = |(kind, name): &(&str, &str)| Target {
            name: (*name).to_string(),
            kind: (*kind).to_string(),
            tested: !name.starts_with("untested"),
        };
        let package = Package {
            name: TESTS.to_string(),
            dependencies: Vec::new(),
            targets: targets.iter().map(target).collect(),
        };
        assert_eq!(test_of_the_whole(&package).as_deref(), expected);
    }

    #[test]
    fn steps_of_their_own_are_left_out() {
        check(
            &[
                ("lib", "tests"),
                ("test", "all"),
                ("test", "kill"),
                ("test", "load"),
                ("test", "fuzz"),
            ],
            Some("test -p tests --locked --lib --test all"),
        );
    }

    #[test]
    fn what_cargo_would_not_test_is_left_out() {
        check(
            &[("test", "untested"), ("test", "kill"), ("bin", "probe")],
            None,
        );
    }
}
