//! What one night is for: a long campaign, every mutant, every probe, and a line in the history of such nights.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::metadata::Workspace;
use crate::sim::{Simulator, commit, failures, unkilled};
use crate::step::{Checked, Site, Verdict};

/// How long the campaign runs unless `HUNT_NIGHT_MINUTES` says otherwise.
pub(crate) const MINUTES_DEFAULT: u64 = 60;

/// The variable that says otherwise.
const MINUTES: &str = "HUNT_NIGHT_MINUTES";

/// More seeds than a night has time for.
const SEEDS: u64 = 1 << 32;

/// The file in the target directory to which every night adds a line.
const HISTORY: &str = "nightly.jsonl";

/// The step.
pub(crate) fn check(site: &Site<'_>) -> Checked {
    let simulator = Simulator::build(&site.processes)?;
    let at = SystemTime::now().duration_since(UNIX_EPOCH);
    let at = at.map_or(0, |since| since.as_secs());
    // Each night has seeds of its own: the seconds of its begin, times more seeds than it can run.
    let first = (at % SEEDS) * SEEDS;
    let seeds = format!("{first}..{}", first.saturating_add(SEEDS));
    let time = format!("{}m", minutes()?);
    let (passed, campaign) =
        simulator.told(&["run", "--continue", "--seeds", &seeds, "--time-box", &time])?;
    let (hit, probes) = simulator.told(&["probes"])?;
    let (killed, mutants) = simulator.told(&["mutants"])?;
    let night = json!({
        "at": at, "commit": commit(&site.processes)?,
        "seeds": campaign["seeds"], "simulated_s": campaign["simulated_s"], "speedup": campaign["speedup"],
        "commands": campaign["commands"], "failed": campaign["failed"],
        "nondeterministic": campaign["nondeterministic"], "unhit": probes["unhit"],
        "mutants": mutants["total"], "killed": mutants["killed"],
    });
    keep(site, &night)?;
    println!("{}", page(&night, &campaign, &mutants));
    match passed && hit && killed {
        true => Ok(Verdict::Passed),
        false => Err("the night found something: see the page above".to_owned()),
    }
}

fn minutes() -> Result<u64, String> {
    let Some(text) = std::env::var_os(MINUTES) else {
        return Ok(MINUTES_DEFAULT);
    };
    let number = text
        .to_str()
        .and_then(|text| text.parse().ok())
        .filter(|minutes| *minutes > 0);
    number.ok_or_else(|| format!("{MINUTES} is {text:?}: give a number of minutes"))
}

/// Adds the night to the history.
fn keep(site: &Site<'_>, night: &Value) -> Result<(), String> {
    let target = Workspace::load(&site.processes)?.target_directory;
    let file = target.join(HISTORY);
    let wrong = |e: std::io::Error| format!("{}: {e}", file.display());
    fs::create_dir_all(&target).map_err(wrong)?;
    let mut history = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&file)
        .map_err(wrong)?;
    writeln!(history, "{night}").map_err(wrong)?;
    println!("added a line to {}", file.display());
    Ok(())
}

/// The night on one page.
fn page(night: &Value, campaign: &Value, mutants: &Value) -> String {
    let or_none = |text: String| {
        if text.is_empty() {
            "none".to_owned()
        } else {
            text
        }
    };
    format!(
        "\nNight of commit {}\n\
         {} seeds, {:.1} h simulated, {:.0} × real time, {} commands\n\
         Failures: {}\n\
         Probes not hit: {}\n\
         Mutants: {} of {} killed; alive or broken: {}",
        night["commit"].as_str().unwrap_or_default(),
        night["seeds"],
        night["simulated_s"].as_f64().unwrap_or(0.0) / 3_600.0,
        night["speedup"].as_f64().unwrap_or(0.0),
        night["commands"],
        or_none(failures(campaign)),
        or_none(names(&night["unhit"])),
        night["killed"],
        night["mutants"],
        or_none(unkilled(mutants)),
    )
}

fn names(list: &Value) -> String {
    let names = list
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_night_says_so() {
        let night = json!({
            "commit": "abc", "seeds": 9, "simulated_s": 7200.0, "speedup": 50.4, "commands": 12,
            "unhit": [], "mutants": 2, "killed": 2,
        });
        assert_eq!(
            page(&night, &json!({"failed": []}), &json!({"mutants": []})),
            "\nNight of commit abc\n9 seeds, 2.0 h simulated, 50 × real time, 12 commands\n\
             Failures: none\nProbes not hit: none\nMutants: 2 of 2 killed; alive or broken: none"
        );
    }

    #[test]
    fn a_bad_one_names_what_it_found() {
        let night = json!({"commit": "abc", "unhit": ["lease_lost", "store_conflict"]});
        let campaign = json!({"failed": [], "nondeterministic": [4]});
        let mutants = json!({"mutants": [{"name": "01-a", "killed": false, "breaks": "A."}]});
        let page = page(&night, &campaign, &mutants);
        for part in [
            "lease_lost, store_conflict",
            "seed 4 is not deterministic",
            "01-a: A.",
        ] {
            assert!(page.contains(part), "{page}");
        }
    }
}
