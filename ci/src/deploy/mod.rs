//! What is in `deploy/` fits together, and fits the engine: no container and no network is needed to know that.
//!
//! ```text
//! deploy/**  ─▶ parsed as YAML, JSON or units ─▶ each names only what there is: files, services, volumes, headings
//! engine's source ─▶ Known: metrics, settings ─▶ dashboards, alerts and environments name only those
//! ```

mod alerts;
mod compose;
mod dashboard;
mod document;
mod known;
mod seccomp;
mod unit;

use std::process::Command;

use crate::step::{Checked, Site, Verdict};
use document::Folder;
use known::Known;

/// The step.
pub(crate) fn check(site: &Site<'_>) -> Checked {
    let folder = Folder::new(&site.ground.root);
    let known = Known::read(&folder)?;
    let mut faults = Vec::new();
    for part in [
        compose::check,
        alerts::check,
        dashboard::check,
        seccomp::check,
        unit::check,
    ] {
        match part(&folder, &known) {
            Ok(more) => faults.extend(more),
            Err(unreadable) => faults.push(unreadable),
        }
    }
    if !faults.is_empty() {
        return Err(faults.join("\n"));
    }
    ask_others(site)
}

/// The tools of those whose files these are, where a machine has them.
fn ask_others(site: &Site<'_>) -> Checked {
    let linters: [(&str, &[&str]); 2] = [
        (
            "promtool",
            &["check", "config", "deploy/prometheus/prometheus.yml"],
        ),
        ("yamllint", &["-d", YAMLLINT, "deploy"]),
    ];
    let mut missing = Vec::new();
    for (program, arguments) in linters {
        let found = Command::new(program).arg("--version").output();
        if found.is_ok_and(|output| output.status.success()) {
            site.processes.run(Command::new(program).args(arguments))?;
        } else {
            missing.push(program);
        }
    }
    if !missing.is_empty() {
        println!("note: not asked, as not installed: {}", missing.join(", "));
    }
    Ok(Verdict::Passed)
}

/// Its faults but for taste: how long a line is, and that a document needs a mark at its start.
const YAMLLINT: &str = "{extends: relaxed, rules: {line-length: disable}}";
