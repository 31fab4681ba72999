//! The program as people meet it: the JSON's names, the log, the page, and what a wrong command line is told.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::fake::{Fake, Flaws};

fn hunt_bench(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hunt-bench"))
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs against a fake server, and returns the JSON.
fn measure(command: &[&str], folder: &Path) -> Value {
    let fake = Fake::start(1, Flaws::default());
    let address = fake.addresses[0].to_string();
    let rest = [
        "--address",
        &address,
        "--token",
        "eyJsecret",
        "--duration",
        "1",
        "--warm-up",
        "0.2",
        "--connections",
        "2",
        "--json",
        "--dir",
        folder.to_str().unwrap(),
    ];
    let output = hunt_bench(&[command, &rest].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let printed = text(&output.stdout);
    assert_eq!(printed.lines().count(), 1, "one object and nothing else");
    assert!(!printed.contains("eyJsecret"), "a token is a secret");
    serde_json::from_str(&printed).unwrap()
}

fn assert_percentiles(value: &Value) {
    for name in ["p50", "p90", "p99", "p999", "p9999", "max"] {
        assert!(value[name].is_number(), "{name} of {value}");
    }
}

#[test]
fn a_run_prints_what_the_contract_names() {
    let folder = tempfile::tempdir().unwrap();
    let json = measure(
        &[
            "run",
            "--target",
            "wire",
            "--rate",
            "500",
            "--workload",
            "solve-mix",
        ],
        folder.path(),
    );
    assert!(json["machine"]["kernel"].is_string());
    assert_eq!(json["ratios"], serde_json::json!({}));
    let run = &json["runs"][0];
    assert_eq!(
        (run["target"].as_str(), run["workload"].as_str()),
        (Some("wire"), Some("solve-mix"))
    );
    assert_eq!(run["rate"], 500.0);
    for name in ["accepted_per_s", "errors", "refused", "rss_mb"] {
        assert!(run[name].is_number(), "{name}");
    }
    assert_percentiles(&run["service_us"]);
    assert_percentiles(&run["response_us"]);
    assert!(run["response_us"]["p50"].as_f64() > Some(0.0));
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "the folder is left as it was"
    );
}

#[test]
fn a_comparison_has_ratios_with_their_spread() {
    let folder = tempfile::tempdir().unwrap();
    let json = measure(
        &["compare", "wire,rate=400", "wire,rate=200", "--rounds", "2"],
        folder.path(),
    );
    assert_eq!(json["runs"].as_array().map(Vec::len), Some(4));
    let order: Vec<_> = json["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["label"].as_str().unwrap())
        .collect();
    assert_eq!(
        order,
        [
            "wire,rate=400",
            "wire,rate=200",
            "wire,rate=400",
            "wire,rate=200"
        ]
    );
    let ratio = &json["ratios"]["wire,rate=400/wire,rate=200"];
    for name in ["min", "median", "max"] {
        assert!(ratio[name].is_number(), "{name} of {ratio}");
    }
}

#[test]
fn a_page_is_made_from_results_and_logs() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (log, result, page) = (path("x.hlog"), path("x.json"), path("x.html"));
    let work = folder.path().join("work");
    std::fs::create_dir(&work).unwrap();
    let json = measure(
        &["sweep", "wire", "--rates", "300,600", "--hlog", &log],
        &work,
    );
    assert_eq!(
        json["runs"].as_array().map(Vec::len),
        Some(3),
        "closed loop, then two rates"
    );
    assert!(json["knees"][0]["max_per_s"].as_f64() > Some(0.0));
    std::fs::write(&result, json.to_string()).unwrap();
    let output = hunt_bench(&["report", &result, &log, "--out", &page]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let html = std::fs::read_to_string(&page).unwrap();
    for words in [
        "<svg",
        "the knee",
        "Latency over time",
        "Latency by percentile",
        "wire@300#1",
        "fdatasync",
    ] {
        assert!(html.contains(words), "{words}");
    }
    let is_drawn = |rate| html.contains(&format!("wire at {rate}/s, response"));
    assert!(
        is_drawn(300) != is_drawn(600),
        "of a sweep the one rate nearest to half of the maximum is drawn"
    );
    for outside in ["http://", "https://", "<script", "NaN", "inf"] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert_eq!(html.matches("<svg").count(), html.matches("</svg>").count());
}

#[test]
fn a_wrong_command_line_is_told_what_to_do() {
    let check = |arguments: &[&str], words: &str| {
        let output = hunt_bench(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.contains(words), "{said}");
    };
    check(
        &["run", "--target", "mysql"],
        "use wire, http, postgres, redis, nats, floor-http or floor-wire",
    );
    check(
        &["run", "--target", "http", "--engine", "/none"],
        "cargo build --release -p server",
    );
    check(
        &["run", "--target", "redis", "--workload", "solve-mix"],
        "can only do claims",
    );
    check(&["run", "--target", "redis", "--rate", "0"], "expected max");
    check(&["compare", "redis", "redis"], "stands there twice");
    check(&["report"], "<FILES>");
}

#[test]
fn a_missing_peer_names_the_package_that_has_it() {
    let output = Command::new(env!("CARGO_BIN_EXE_hunt-bench"))
        .args(["run", "--target", "redis"])
        .env("PATH", "/nowhere")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains("redis-server is missing: apt-get install redis-server"),
        "{said}"
    );
}
