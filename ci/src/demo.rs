//! The demo is the first thing that a newcomer runs: it must hold, and say so in JSON.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::cargo::ship_engine;
use crate::metadata::Workspace;
use crate::step::{Checked, Site, Verdict};

/// Enough players to sell treasures out, few enough to take seconds.
const PLAYERS: u64 = 500;

/// The step: the shipped program, in an empty folder.
pub(crate) fn check(site: &Site<'_>) -> Checked {
    ship_engine(&site.processes)?;
    let target = Workspace::load(&site.processes)?.target_directory;
    let folder = Scratch::make()?;
    let mut demo = Command::new(target.join("release/hunt-engine"));
    demo.args(["demo", "--players", &PLAYERS.to_string(), "--json"])
        .current_dir(&folder.0);
    let json = site.processes.output(&mut demo)?;
    println!("{}", json.trim_end());
    judge(&json)
}

/// What the demo printed must be one object that tells of a real game without faults.
fn judge(json: &str) -> Checked {
    let told: Value = serde_json::from_str(json)
        .map_err(|e| format!("the demo's standard output is not one JSON value: {e}"))?;
    let figure = |field: &str| {
        told[field]
            .as_u64()
            .ok_or_else(|| format!("the demo's `{field}` is not a number"))
    };
    if figure("faults")? != 0 {
        return Err(format!(
            "the demo found {} faults in its own log",
            figure("faults")?
        ));
    }
    if figure("players")? != PLAYERS {
        return Err(format!(
            "the demo ran {} players, not {PLAYERS}",
            figure("players")?
        ));
    }
    for field in ["commands", "events"] {
        if figure(field)? < PLAYERS {
            return Err(format!(
                "the demo tells of fewer `{field}` than players: nobody played"
            ));
        }
    }
    Ok(Verdict::Passed)
}

/// A folder of this run alone, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn make() -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("hunt-ci-demo-{}", std::process::id()));
        fs::create_dir(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A folder that stays behind in the system's temporary one harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expected: Result<(), &str>) {
        match (judge(json), expected) {
            (Ok(_), Ok(())) => {}
            (Err(fault), Err(part)) => assert!(fault.contains(part), "{fault}"),
            (judged, _) => panic!("{json}: {judged:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn a_game_without_faults_passes() {
        check(
            r#"{"players": 500, "commands": 4000, "events": 3000, "faults": 0}"#,
            Ok(()),
        );
    }

    #[test]
    fn faults_and_missing_figures_fail() {
        check(
            r#"{"players": 500, "commands": 1, "events": 1, "faults": 2}"#,
            Err("2 faults"),
        );
        check(
            r#"{"players": 500, "commands": 4000, "events": 3000}"#,
            Err("`faults` is not"),
        );
        check(
            r#"{"players": 5, "commands": 900, "events": 900, "faults": 0}"#,
            Err("5 players"),
        );
    }

    #[test]
    fn a_game_that_nobody_played_fails() {
        check(
            r#"{"players": 500, "commands": 900, "events": 0, "faults": 0}"#,
            Err("`events`"),
        );
    }

    #[test]
    fn anything_else_on_the_output_fails() {
        check("starting…\n{}", Err("not one JSON value"));
    }
}
