//! Which of our crates may depend on which: the architecture, as a table that is enforced.
//!
//! ```text
//!            hunt   mesh   store            pure, or free of any runtime
//!              ▲     ▲      ▲  ▲
//!        node ─┤     │      │  └─ store-embedded, store-sim, store-fdb
//!              └─────┼──────┘            ▲
//!                  server ───────────────┘   the edge: glommio, hyper, sockets
//! ```
//!
//! The arrows hold for every kind of dependency: one that only tests use would still let a
//! crate know what it must not know. What needs more belongs into the crate `tests`.

use crate::metadata::{Package, Workspace};
use crate::step::{Checked, Site, Verdict};

/// What a crate may depend on, of ours.
#[derive(Debug, Clone, Copy)]
enum Allowed {
    Only(&'static [&'static str]),
    Anything,
}

use Allowed::{Anything, Only};

/// The whole table; it also places the crates that are planned, so that they start out right.
const ARROWS: &[(&str, Allowed)] = &[
    ("allocator", Only(&[])),
    ("hunt", Only(&[])),
    ("mesh", Only(&[])),
    ("store", Only(&[])),
    ("node", Only(&["hunt", "store"])),
    ("wire", Only(&["hunt"])),
    ("client", Only(&["wire"])),
    ("store-embedded", Only(&["store"])),
    ("store-sim", Only(&["store"])),
    ("store-fdb", Only(&["store"])),
    ("fdb-c", Only(&["store", "store-embedded", "store-sim"])),
    (
        "server",
        Only(&[
            "allocator",
            "node",
            "hunt",
            "mesh",
            "wire",
            "store",
            "store-embedded",
            "store-sim",
            "store-fdb",
        ]),
    ),
    (
        "sim",
        Only(&["allocator", "node", "hunt", "store", "store-sim"]),
    ),
    ("bench", Anything),
    ("tests", Anything),
    ("ci", Only(&[])),
];

/// Arrows that are allowed only behind a feature: building what they lead to needs more than a
/// bare machine has.
const BEHIND_A_FEATURE: &[(&str, &str)] = &[("server", "store-fdb")];

/// The step: our arrows, then which libraries our crates reach.
pub(crate) fn check(site: &Site<'_>) -> Checked {
    let workspace = Workspace::load(&site.processes)?;
    let mut faults = faults(&workspace);
    faults.extend(crate::bans::faults(&workspace, &site.processes)?);
    match faults.is_empty() {
        true => Ok(Verdict::Passed),
        false => Err(faults.join("\n")),
    }
}

/// One line for each arrow that the table does not allow.
fn faults(workspace: &Workspace) -> Vec<String> {
    let of_package = |package| package_faults(workspace, package);
    workspace.packages.iter().flat_map(of_package).collect()
}

fn package_faults(workspace: &Workspace, package: &Package) -> Vec<String> {
    let from = package.name.as_str();
    let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == from) else {
        return vec![format!(
            "`{from}` has no row in the table of arrows: decide what it may depend on, say so in \
             ARCHITECTURE.md, and add it to ci/src/arrows.rs"
        )];
    };
    let ours = |name: &str| workspace.package(name).is_some();
    let mut faults = Vec::new();
    for to in package
        .dependencies
        .iter()
        .filter(|dependency| ours(&dependency.name))
    {
        let arrow = (from, to.name.as_str());
        if !permits(*allowed, arrow.1) {
            faults.push(format!(
                "`{from}` depends on `{}`, but may depend on {}: move what it needs into a crate \
                 that both may know, hand it in through a trait, or test it from `tests`",
                to.name,
                permitted(*allowed)
            ));
        } else if BEHIND_A_FEATURE.contains(&arrow) && !to.optional {
            faults.push(format!(
                "`{from}` depends on `{}` always: make it `optional = true`, behind a feature",
                to.name
            ));
        }
    }
    faults
}

fn permits(allowed: Allowed, to: &str) -> bool {
    match allowed {
        Only(names) => names.contains(&to),
        Anything => true,
    }
}

fn permitted(allowed: Allowed) -> String {
    match allowed {
        Only([]) => "nothing of ours".to_string(),
        Only(names) => format!("{} only", names.join(", ")),
        Anything => "anything".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Dependency;

    /// `"a: b c?"` is a crate `a` that depends on `b` and, behind a feature, on `c`.
    fn workspace(crates: &[&str]) -> Workspace {
        let dependency = |word: &str| Dependency {
            name: word.trim_end_matches('?').to_string(),
            optional: word.ends_with('?'),
        };
        let package = |line: &&str| {
            let (name, rest) = line.split_once(':').expect("a crate is written `name: …`");
            Package {
                name: name.to_string(),
                dependencies: rest.split_whitespace().map(dependency).collect(),
            }
        };
        Workspace {
            packages: crates.iter().map(package).collect(),
            target_directory: "target".into(),
        }
    }

    fn check(crates: &[&str], expected: &[&str]) {
        let faults = faults(&workspace(crates));
        assert_eq!(faults.len(), expected.len(), "{faults:#?}");
        for (fault, start) in faults.iter().zip(expected) {
            assert!(fault.starts_with(start), "{fault}");
        }
    }

    #[test]
    fn the_designed_arrows_pass() {
        check(
            &[
                "hunt: serde",
                "mesh: loom",
                "store:",
                "node: hunt store futures",
                "store-sim: store",
                "store-fdb: store",
                "server: node hunt mesh store store-sim store-fdb? glommio",
                "tests: server node store-sim",
                "ci: serde_json",
            ],
            &[],
        );
    }

    #[test]
    fn a_forbidden_arrow_fails_with_what_is_allowed() {
        check(
            &["node: mesh hunt", "mesh:", "hunt:"],
            &["`node` depends on `mesh`, but may depend on hunt, store only: move"],
        );
    }

    #[test]
    fn what_must_depend_on_nothing_of_ours_may_not() {
        check(
            &["hunt: store", "store:", "ci: hunt"],
            &[
                "`hunt` depends on `store`, but may depend on nothing of ours",
                "`ci` depends on `hunt`, but may depend on nothing of ours",
            ],
        );
    }

    #[test]
    fn an_arrow_to_itself_through_tests_is_one_too() {
        check(
            &["store: store-sim", "store-sim: store"],
            &["`store` depends on `store-sim`"],
        );
    }

    #[test]
    fn foundationdb_stays_behind_a_feature() {
        check(
            &["server: store-fdb", "store-fdb:"],
            &["`server` depends on `store-fdb` always"],
        );
    }

    #[test]
    fn a_crate_without_a_row_fails() {
        check(
            &["helpers:"],
            &["`helpers` has no row in the table of arrows"],
        );
    }

    #[test]
    fn the_table_names_only_what_it_places() {
        let placed = |name: &str| ARROWS.iter().any(|(other, _)| *other == name);
        for (from, allowed) in ARROWS {
            if let Only(names) = allowed {
                assert!(names.iter().all(|name| placed(name)), "{from}: {names:?}");
            }
        }
    }
}
