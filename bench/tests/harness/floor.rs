//! The floor as a target like the others: it answers all, and holds as many claims as it answered.

use std::process::Command;

use serde_json::Value;

fn check(target: &str) {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hunt-bench"))
        .args(["run", "--target", target, "--json", "--rate", "2000"])
        .args(["--duration", "1", "--warm-up", "0.2", "--connections", "4"])
        .arg("--dir")
        .arg(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{target}: {said}");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let (run, checked) = (&json["runs"][0], &json["checks"][0]);
    assert_eq!((&run["errors"], &run["refused"]), (&0.into(), &0.into()));
    let accepted = checked["accepted"].as_u64().unwrap();
    assert!(accepted > 0, "{target}: {json}");
    // What the end of the run left unanswered may be synced too.
    let unknown = checked["unknown"].as_u64().unwrap();
    let events = checked["events"].as_u64().unwrap();
    assert!(
        (accepted..=accepted + unknown).contains(&events),
        "{target}: {checked}"
    );
}

#[test]
fn claims_over_http_are_synced_and_answered() {
    check("floor-http");
}

#[test]
fn a_batch_over_http_is_as_many_claims() {
    check("floor-http,batch=20");
}

#[test]
fn frames_in_flight_are_answered_by_their_ids() {
    check("floor-wire,depth=8");
}

#[test]
fn a_frame_longer_than_a_read_is_put_together() {
    check("floor-wire,batch=4000,rate=20000");
}
