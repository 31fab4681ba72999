//! What `serve` and the offline commands refuse, how they say so, and that they end by themselves.

use std::net::TcpListener;

use tests::program::{command, run_command};
use tests::{Engine, Ran, SECRET, Scratch, run};

/// Wrong arguments or settings.
const USAGE: i32 = 2;
/// It can't start here.
const CANNOT_START: i32 = 3;

/// Starts `serve` with what must make it end, and checks that it says why.
fn check(expected: i32, says: &[&str], arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let mut serve = command(&["serve"]);
    serve.args(arguments).envs(environment.iter().copied());
    let ran = run_command(serve);
    assert!(!ran.crashed(), "{ran:?}");
    assert_eq!(ran.code(), Some(expected), "{ran:?}");
    for part in says {
        assert!(ran.err.contains(part), "it does not say {part:?}: {ran:?}");
    }
    assert!(!ran.err.contains(SECRET), "it prints the secret: {ran:?}");
    ran
}

const KEY: (&str, &str) = ("HUNT_JWT_SECRET", SECRET);

#[test]
fn no_key_or_a_bad_one() {
    let scratch = Scratch::new("no-key");
    let store = format!("embedded:{}", scratch.join("store").display());
    let arguments = ["--store", &store, "--listen", "127.0.0.1:0"];
    check(USAGE, &["HUNT_JWT_SECRET", "--dev"], &arguments, &[]);
    check(USAGE, &["32"], &arguments, &[("HUNT_JWT_SECRET", "short")]);
    check(
        USAGE,
        &["jwt_public_key"],
        &arguments,
        &[("HUNT_JWT_PUBLIC_KEY", "no PEM at all")],
    );
}

#[test]
fn bad_settings() {
    let scratch = Scratch::new("settings");
    let store = format!("embedded:{}", scratch.join("store").display());
    let file = scratch.join("hunt.toml");
    let path = file.to_str().unwrap();
    let with_file = |text: &str, says: &[&str]| {
        std::fs::write(&file, text).unwrap();
        check(USAGE, says, &["--config", path, "--store", &store], &[KEY]);
    };
    with_file("listen = ", &["hunt.toml", "line 1"]);
    with_file("listn = \"127.0.0.1:1\"", &["listn", "listen"]);
    with_file("head_timeout_ms = 1", &["head_timeout_ms", "100"]);
    with_file("log_format = \"xml\"", &["log_format", "json"]);
    with_file("[[keys]]\nkid = \"a\"", &["keys"]);
    check(
        USAGE,
        &["none.toml"],
        &["--config", scratch.join("none.toml").to_str().unwrap()],
        &[KEY],
    );
    check(
        USAGE,
        &["HUNT_SHARDS"],
        &["--store", &store],
        &[KEY, ("HUNT_SHARDS", "many")],
    );
    check(USAGE, &["listen"], &["--listen", "nowhere"], &[KEY]);
    check(USAGE, &["store"], &["--store", "cloud:9"], &[KEY]);
    check(
        USAGE,
        &["cores"],
        &["--store", &store, "--cores", "0-9999"],
        &[KEY],
    );
    check(USAGE, &["--bogus"], &["--bogus"], &[KEY]);
}

#[test]
fn a_port_that_is_taken() {
    let scratch = Scratch::new("port");
    let store = format!("embedded:{}", scratch.join("store").display());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    check(
        CANNOT_START,
        &[&address],
        &["--store", &store, "--listen", &address],
        &[KEY],
    );
    let engine = Engine::start(&scratch.join("other"), &[]);
    let address = engine.address().to_string();
    check(
        CANNOT_START,
        &[&address],
        &["--store", &store, "--listen", &address],
        &[KEY],
    );
}

#[test]
fn a_store_that_is_in_use() {
    let scratch = Scratch::new("locked");
    let path = scratch.join("store");
    let store = format!("embedded:{}", path.display());
    let engine = Engine::start(&path, &[]);
    let shown = path.display().to_string();
    check(
        CANNOT_START,
        &[&shown],
        &["--store", &store, "--listen", "127.0.0.1:0"],
        &[KEY],
    );
    for offline in ["verify", "events"] {
        let ran = run(&[offline, "--store", &store]);
        assert_eq!(ran.code(), Some(CANNOT_START), "{ran:?}");
        assert!(ran.err.contains(&shown), "{ran:?}");
    }
    assert_eq!(engine.stop().code(), Some(0));
    assert_eq!(
        run(&["verify", "--store", &store]).code(),
        Some(0),
        "stopped, it can be read"
    );
}

#[test]
fn a_store_that_is_none() {
    let scratch = Scratch::new("no-store");
    let missing = format!("embedded:{}", scratch.join("none").display());
    for offline in ["verify", "events"] {
        let ran = run(&[offline, "--store", &missing]);
        assert_eq!(ran.code(), Some(CANNOT_START), "{ran:?}");
        assert!(!scratch.join("none").exists(), "{offline} made a store");
    }
    let file = scratch.join("file");
    std::fs::write(&file, "not a folder").unwrap();
    let store = format!("embedded:{}", file.display());
    check(
        CANNOT_START,
        &["file"],
        &["--store", &store, "--listen", "127.0.0.1:0"],
        &[KEY],
    );
}
