//! The program as people meet it: exit codes, one JSON object, and what wrong use is told.
#![allow(clippy::unwrap_used, reason = "a test's helpers fail as loudly as it")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const SCENARIO: &str = "../tests/scenarios/leaderboard-around-a-player.json";

fn hunt_sim(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hunt-sim"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(arguments: &[&str]) -> Value {
    let output = hunt_sim(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn check_refused(arguments: &[&str], words: &str) {
    let output = hunt_sim(arguments);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    assert!(said.contains(words), "{arguments:?}: {said}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
}

#[test]
fn what_makes_no_sense_is_refused_with_the_option_and_the_bounds() {
    check_refused(
        &["run", "--duration", "0.5ms"],
        "--duration: make it 1ms to 24h",
    );
    check_refused(
        &["replay", "1", "--duration", "25h"],
        "--duration: make it 1ms to 24h",
    );
    check_refused(&["run", "--seeds", "-1..3"], "\"-1\" is not a seed");
    check_refused(&["run", "--jobs", "-1"], "--jobs");
    check_refused(&["replay", "+5"], "neither a seed");
    check_refused(&["replay", "."], "it is no file");
    check_refused(
        &["export", "1", "-o", "Cargo.toml"],
        "Cargo.toml is no folder",
    );
}

#[test]
fn a_file_says_by_itself_what_is_run() {
    check_refused(
        &["replay", SCENARIO, "--lie", "stale-read"],
        "leave out --lie stale-read",
    );
    assert_eq!(json(&["replay", SCENARIO, "--json"])["judged"], true);
}

#[test]
fn a_run_that_was_cut_short_is_no_success() {
    let cut = json(&["replay", SCENARIO, "--json", "--until", "1ms"]);
    assert_eq!(
        (&cut["judged"], &cut["failed"]),
        (&false.into(), &Value::Null)
    );
    let output = hunt_sim(&["replay", SCENARIO, "--until", "1ms"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.ends_with("not judged\n"), "{text}");
}

#[test]
fn reports_and_histories_are_named_in_one_object() {
    let folder = std::env::temp_dir().join(format!("hunt-sim-cli-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (page, histories) = (path("page.html"), path("histories"));
    let report = json(&["report", SCENARIO, "-o", &page, "--json"]);
    assert_eq!(report["file"], page);
    assert_eq!(
        std::fs::metadata(&page).unwrap().len(),
        report["bytes"].as_u64().unwrap()
    );
    let export = json(&["export", SCENARIO, "-o", &histories, "--json"]);
    for file in export["files"].as_array().unwrap() {
        assert!(Path::new(file.as_str().unwrap()).is_file(), "{file}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_result_that_can_not_be_written_is_no_success() {
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_hunt-sim"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["replay", SCENARIO, "--json"])
        .stdout(full)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(1));
    // Told before the work, not after it.
    let output = hunt_sim(&["shrink", SCENARIO, "-o", "/none/x.json"]);
    assert!(said(&output).contains("writing /none/x.json"));
    assert_eq!(output.status.code(), Some(1));
}
