//! The program under test, run to its end.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::store::StoreUnderTest;

/// No command takes so long.
const PATIENCE: Duration = Duration::from_secs(180);

/// How often a child is looked at.
const POLL: Duration = Duration::from_millis(5);

/// What a command did.
#[derive(Clone, Debug)]
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl Ran {
    /// The exit code; `None` if a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Whether it ended by a panic, an abort or any signal.
    pub fn crashed(&self) -> bool {
        self.code().is_none_or(|code| code == 101) || self.err.contains("panicked at")
    }
}

/// Names the program that is tested, if it is another than the one built beside the tests.
const PROGRAM: &str = "HUNT_TEST_PROGRAM";

/// Where the program is: what `HUNT_TEST_PROGRAM` names, else the one built with the same profile as this test, else with
/// another.
///
/// # Panics
///
/// If it was not built.
pub fn program() -> PathBuf {
    if let Some(named) = std::env::var_os(PROGRAM) {
        return named.into();
    }
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let target = profile.parent().unwrap();
    let name = "hunt-engine";
    let places = [
        profile.join(name),
        target.join("release").join(name),
        target.join("debug").join(name),
    ];
    let found = places.into_iter().find(|place| place.is_file());
    found.expect("the program is built before its tests run: cargo build --release -p server")
}

/// The program with these arguments, without the settings of who runs the tests.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).stdin(Stdio::null());
    for variable in [
        "HUNT_JWT_SECRET",
        "HUNT_JWT_PUBLIC_KEY",
        "HUNT_STORE",
        "HUNT_LISTEN",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Runs the program to its end.
pub fn run(arguments: &[&str]) -> Ran {
    run_command(command(arguments))
}

/// Runs a command to its end, with its output read.
///
/// # Panics
///
/// If it can't be started, or does not end.
pub fn run_command(mut command: Command) -> Ran {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let out = std::thread::spawn(move || read_all(out));
    let err = std::thread::spawn(move || read_all(err));
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{command:?} did not end within {PATIENCE:?}");
        }
        std::thread::sleep(POLL);
    };
    Ran {
        status,
        out: out.join().unwrap(),
        err: err.join().unwrap(),
    }
}

/// Checks a stopped store, and returns what `verify` prints.
///
/// # Panics
///
/// If it does not print one JSON object.
pub fn verify(store: &Path) -> Value {
    let mut command = command(&["verify", "--json"]);
    StoreUnderTest::of(store).tell(&mut command);
    let ran = run_command(command);
    let report: Value = serde_json::from_str(&ran.out)
        .unwrap_or_else(|error| panic!("verify printed no JSON ({error}): {ran:?}"));
    let faults = report["faults"].as_array().map_or(1, Vec::len);
    assert_eq!(ran.code(), Some(i32::from(faults > 0)), "{ran:?}");
    report
}

/// Checks a stopped store, and returns what `verify` prints; it must find nothing.
///
/// # Panics
///
/// If it finds a fault.
pub fn verify_clean(store: &Path) -> Value {
    let report = verify(store);
    assert_eq!(report["faults"], serde_json::json!([]), "{report}");
    report
}

fn read_all(pipe: Option<impl std::io::Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        // What could be read until it broke is all there is to look at.
        let _ = pipe.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
