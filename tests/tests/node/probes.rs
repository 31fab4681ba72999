//! The lists of probes and buggify sites say exactly what the node's sources use.

use std::fs;
use std::path::Path;

use node::{BUGGIFY_SITES, PROBES};

/// All sources of the node but the lists themselves.
fn sources(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all += &sources(&path);
        } else if path.file_name().is_some_and(|name| name != "probes.rs") {
            all += &fs::read_to_string(&path).unwrap();
        }
    }
    all
}

/// The names that `call` is called with directly, each once.
fn called<'s>(sources: &'s str, call: &str) -> Vec<&'s str> {
    let arguments = sources.split(call).skip(1);
    let names =
        arguments.filter_map(|after| after.trim_start().strip_prefix('"')?.split('"').next());
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[test]
fn every_listed_name_is_used_and_every_used_one_is_listed() {
    let sources = sources(Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../engine/node/src"
    )));
    for name in PROBES {
        assert!(
            sources.contains(&format!("\"{name}\"")),
            "{name} is not used"
        );
    }
    let unlisted: Vec<_> = called(&sources, ".probe(")
        .into_iter()
        .filter(|name| !PROBES.contains(name))
        .collect();
    assert_eq!(unlisted, Vec::<&str>::new());
    assert_eq!(called(&sources, ".buggify("), BUGGIFY_SITES);
    assert!(PROBES.is_sorted() && PROBES.len() >= 35 && BUGGIFY_SITES.len() >= 8);
}
