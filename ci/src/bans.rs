//! Which libraries our crates must not name, or not even reach through others.
//!
//! That the rules of a hunt are pure, and that the shard loop runs under any runtime, are
//! promises about what is NOT there. Clippy sees single calls; this sees whole libraries.

use std::process::Command;

use crate::metadata::Workspace;
use crate::process::Processes;

/// The machine that the engine is built for; what other machines would need is left out.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// Runtimes, and what brings sockets or a network thread. `*` stands for any ending.
const RUNTIMES: &[&str] = &[
    "async-executor",
    "async-io",
    "async-std",
    "foundationdb",
    "foundationdb-sys",
    "glommio",
    "h2",
    "hyper",
    "hyper-util",
    "io-uring",
    "mio",
    "polling",
    "reqwest",
    "smol",
    "socket2",
    "tokio*",
];

/// More than a pure crate may reach: other people's async, randomness, and files.
const IMPURE: &[&str] = &[
    "async-trait",
    "crossbeam*",
    "fastrand",
    "fjall",
    "futures*",
    "getrandom",
    "lsm-tree",
    "rand",
    "rand_*",
    "rayon",
    "tempfile",
];

/// Libraries that only these crates may name in their manifests.
const NAMED_ONLY_BY: &[(&[&str], &[&str])] = &[
    (
        &[
            "glommio",
            "h2",
            "http-body-util",
            "hyper",
            "hyper-util",
            "mio",
            "socket2",
            "tokio",
        ],
        &["server", "tests", "bench"],
    ),
    (
        &["foundationdb", "foundationdb-sys"],
        &["store-fdb", "tests", "bench"],
    ),
];

/// What a crate must not reach, through whatever path.
const NEVER_REACHES: &[(&str, &[&[&str]])] = &[
    ("hunt", &[RUNTIMES, IMPURE]),
    ("wire", &[RUNTIMES, IMPURE]),
    ("mesh", &[RUNTIMES]),
    ("node", &[RUNTIMES]),
    ("store", &[RUNTIMES]),
    ("store-sim", &[RUNTIMES]),
    ("sim", &[RUNTIMES]),
];

/// One line for each library that is where it must not be.
///
/// # Errors
/// Cargo could not tell what a crate depends on.
pub(crate) fn faults(
    workspace: &Workspace,
    processes: &Processes<'_>,
) -> Result<Vec<String>, String> {
    let mut faults = named(workspace);
    for (from, banned) in NEVER_REACHES {
        if workspace.package(from).is_some() {
            faults.extend(reached(from, banned, &tree(from, processes)?));
        }
    }
    Ok(faults)
}

/// What the crate is built from, itself included, one a line. Asked of `cargo tree` and not of
/// `cargo metadata`, which adds up the features that any crate of the workspace turns on.
fn tree(of: &str, processes: &Processes<'_>) -> Result<String, String> {
    processes.output(Command::new("cargo").args([
        "tree",
        "--locked",
        "--all-features",
        "--package",
        of,
        "--edges",
        "normal,build",
        "--target",
        PLATFORM,
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))
}

fn named(workspace: &Workspace) -> Vec<String> {
    let mut faults = Vec::new();
    for package in &workspace.packages {
        for dependency in &package.dependencies {
            let (from, to) = (package.name.as_str(), dependency.name.as_str());
            let row = NAMED_ONLY_BY
                .iter()
                .find(|(libraries, _)| libraries.contains(&to));
            let Some((_, namers)) = row.filter(|(_, namers)| !namers.contains(&from)) else {
                continue;
            };
            faults.push(format!(
                "`{from}` names `{to}`, which only {} may: keep it behind a trait of ours",
                namers.join(", ")
            ));
        }
    }
    faults
}

fn reached(from: &str, banned: &[&[&str]], tree: &str) -> Vec<String> {
    let mut names: Vec<&str> = tree
        .lines()
        .filter_map(|l| l.split_whitespace().next())
        .collect();
    names.sort_unstable();
    names.dedup();
    let is_banned = |name: &&str| {
        banned
            .iter()
            .copied()
            .flatten()
            .any(|ban| matches(ban, name))
    };
    let fault = |name: &str| {
        format!(
            "`{from}` reaches `{name}`, which it must not; `cargo tree -p {from} -e normal,build \
             -i {name}` shows the path: drop that dependency or the feature that brings it"
        )
    };
    names.into_iter().filter(is_banned).map(fault).collect()
}

fn matches(ban: &str, name: &str) -> bool {
    match ban.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == ban,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::{Dependency, Package};

    fn check_named(from: &str, to: &str, expected: usize) {
        let dependency = Dependency {
            name: to.to_string(),
            optional: false,
        };
        let package = Package {
            name: from.to_string(),
            dependencies: vec![dependency],
        };
        let workspace = Workspace {
            packages: vec![package],
            target_directory: "target".into(),
        };
        assert_eq!(named(&workspace).len(), expected, "{from} -> {to}");
    }

    fn check_reached(tree: &str, expected: &[&str]) {
        let faults = reached("hunt", &[RUNTIMES, IMPURE], tree);
        assert_eq!(faults.len(), expected.len(), "{faults:#?}");
        for (fault, name) in faults.iter().zip(expected) {
            assert!(
                fault.starts_with(&format!("`hunt` reaches `{name}`,")),
                "{fault}"
            );
        }
    }

    #[test]
    fn only_the_edge_names_a_runtime() {
        check_named("server", "glommio", 0);
        check_named("tests", "hyper", 0);
        check_named("node", "glommio", 1);
        check_named("sim", "hyper", 1);
        check_named("store-fdb", "foundationdb", 0);
        check_named("sim", "foundationdb", 1);
        check_named("node", "futures", 0);
    }

    #[test]
    fn a_runtime_far_down_is_found_once() {
        check_reached(
            "hunt v0.1.0 (/p)\nserde v1.0.0\ntokio v1.0.0\ntokio v1.0.0 (*)",
            &["tokio"],
        );
    }

    #[test]
    fn endings_and_whole_names() {
        check_reached(
            "futures-util v0.3.0\nrand_core v0.9.0\ngetrandom v0.3.0",
            &["futures-util", "getrandom", "rand_core"],
        );
        check_reached("futuristic v1.0.0\nrandomize v1.0.0\nmiow v1.0.0", &[]);
    }
}
