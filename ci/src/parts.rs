//! Benchmarks of parts: each runs for a blink, so that none rots; and what a hot path costs in instructions is compared
//! with the table that is kept with the code, which a busy machine does not disturb.

use std::process::Command;

use crate::builds::shipped;
use crate::metadata::Workspace;
use crate::step::{Checked, Site, Verdict};

/// The table of instructions by part.
const TABLE: &str = "bench/instructions.txt";

/// The step.
pub(crate) fn check(site: &Site<'_>) -> Checked {
    site.processes
        .run(&mut shipped("build", "--bin hunt-bench"))?;
    let target = Workspace::load(&site.processes)?.target_directory;
    let parts = |arguments: &[&str]| {
        let mut command = Command::new(target.join("release/hunt-bench"));
        command.arg("parts").args(arguments);
        site.processes.run(&mut command)
    };
    parts(&["--quick"])?;
    let found = Command::new("valgrind").arg("--version").output();
    if !found.is_ok_and(|output| output.status.success()) {
        let why = "valgrind is not installed (`apt-get install valgrind`): the parts run, their instructions were not counted";
        return Ok(Verdict::Skipped(why.to_string()));
    }
    parts(&["--count", "--check", TABLE])?;
    Ok(Verdict::Passed)
}
