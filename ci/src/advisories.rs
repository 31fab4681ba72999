//! What `cargo deny` knows about our dependencies: licences, bans, sources, known faults.
//!
//! The tool is not part of a bare machine, and building it takes longer than all else here:
//! where it is missing the step is skipped, and says so. Licences, bans and sources need no
//! network; the list of known faults does, and without it only that part is skipped.

use std::process::Command;

use crate::builds::cargo;
use crate::step::{Checked, Site, Verdict};

/// The step; what it goes by stands in deny.toml.
pub(crate) fn check(site: &Site<'_>) -> Checked {
    let found = Command::new("cargo-deny").arg("--version").output();
    if !found.is_ok_and(|output| output.status.success()) {
        let why = "cargo-deny is not installed (`cargo install --locked cargo-deny`)";
        return Ok(Verdict::Skipped(why.to_string()));
    }
    site.processes
        .run(&mut cargo("deny --locked check bans licenses sources"))?;
    if let Err(why) = site.processes.run(&mut cargo("deny --locked fetch db")) {
        let why = format!("the list of known faults can't be fetched ({why}); the rest passed");
        return Ok(Verdict::Skipped(why));
    }
    site.processes
        .run(&mut cargo("deny --locked check advisories"))?;
    Ok(Verdict::Passed)
}
