//! Commands that do what they say.

use std::path::Path;

use serde_json::Value;
use tests::program::{command, run_command, verify_clean};
use tests::{Engine, Ran, Request, Role, SECRET, Scratch, hunts, run, token};

/// Enough to sell something out, few enough to take moments.
const PLAYERS: u64 = 40;

fn samples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let paths = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let hunts = paths.filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    hunts.map(|path| path.display().to_string()).collect()
}

fn with_secret(arguments: &[&str]) -> Ran {
    let mut command = command(arguments);
    command.env("HUNT_JWT_SECRET", SECRET);
    run_command(command)
}

#[test]
fn help_teaches() {
    let help = run(&["--help"]);
    assert_eq!(help.code(), Some(0));
    for word in ["serve", "demo", "check", "token", "events", "verify"] {
        assert!(
            help.out.contains(word),
            "--help does not name {word}: {}",
            help.out
        );
        let of_command = run(&[word, "--help"]);
        assert_eq!(of_command.code(), Some(0), "{of_command:?}");
        assert!(
            of_command.out.lines().count() > 5,
            "{word} --help says little: {}",
            of_command.out
        );
    }
    let serve = run(&["serve", "--help"]).out;
    for setting in ["listen", "store", "cores", "jwt", "memory-mb", "HUNT_"] {
        assert!(
            serve.contains(setting),
            "serve --help does not list {setting}: {serve}"
        );
    }
    assert_eq!(run(&["--version"]).code(), Some(0));
    assert_eq!(
        run(&["dig"]).code(),
        Some(2),
        "an unknown command is a usage error"
    );
    assert_eq!(run(&[]).code(), Some(2), "no command is a usage error");
}

#[test]
fn check_names_every_fault() {
    let samples = samples();
    assert!(samples.len() >= 3, "{samples:?}");
    let mut arguments = vec!["check"];
    arguments.extend(samples.iter().map(String::as_str));
    let good = run(&arguments);
    assert_eq!(good.code(), Some(0), "{good:?}");

    let scratch = Scratch::new("check");
    let file = scratch.join("bad.json");
    let mut hunt = hunts::coins("bad", 1);
    hunt["surprise"] = Value::from(1);
    hunt["clues"][0]["unlock"] = serde_json::json!({ "after": ["crate"] });
    hunt["treasures"][1]["stock"] = Value::from(-1);
    std::fs::write(&file, hunt.to_string()).unwrap();
    let bad = run(&["check", file.to_str().unwrap(), samples[0].as_str()]);
    assert_eq!(bad.code(), Some(1), "{bad:?}");
    for part in ["/surprise", "/treasures/1/stock", "bad.json"] {
        assert!(bad.out.contains(part), "{part}: {}", bad.out);
    }
    assert!(
        !format!("{bad:?}").contains(hunts::ANSWER),
        "an answer was printed: {bad:?}"
    );
    let missing = run(&["check", scratch.join("none.json").to_str().unwrap()]);
    assert_eq!(missing.code(), Some(1), "{missing:?}");
}

#[test]
fn token_is_good_for_its_role() {
    let scratch = Scratch::new("token");
    let engine = Engine::start(&scratch.join("store"), &[]);
    hunts::put_open(&mut engine.client(), &hunts::coins("h", 1));
    let made = |arguments: &[&str]| {
        let ran = with_secret(arguments);
        assert_eq!(ran.code(), Some(0), "{ran:?}");
        ran.out.trim().to_owned()
    };
    let ask = |path: &str, token: &str| {
        engine
            .client()
            .ask(&Request::get(path).token(token))
            .unwrap()
            .status
    };
    let player = made(&["token", "--role", "player", "--sub", "ada", "--ttl", "1h"]);
    assert_eq!(ask("/v1/hunts/h/progress", &player), 200);
    assert_eq!(ask("/v1/hunts/h/stats", &player), 403);
    let operator = made(&["token", "--role", "operator"]);
    assert_eq!(ask("/v1/hunts/h/stats", &operator), 200);
    let service = made(&["token", "--role", "service"]);
    assert_eq!(ask("/v1/feed", &service), 200);
    assert_eq!(with_secret(&["token", "--role", "king"]).code(), Some(2));
    assert_eq!(
        with_secret(&["token", "--role", "player"]).code(),
        Some(2),
        "a player's token needs a player"
    );
    assert_eq!(
        with_secret(&["token", "--role", "service", "--ttl", "soon"]).code(),
        Some(2)
    );
    assert_eq!(
        run(&["token", "--role", "service"]).code(),
        Some(2),
        "there is no default secret"
    );
}

#[test]
fn events_and_verify_read_a_stopped_store() {
    let scratch = Scratch::new("events");
    let store = scratch.join("store");
    let name = format!("embedded:{}", store.display());
    let engine = Engine::start(&store, &[]);
    let mut client = engine.client();
    for hunt in ["one", "two"] {
        hunts::put_open(&mut client, &hunts::coins(hunt, 5));
        let path = format!("/v1/hunts/{hunt}/treasures/coin/claim");
        let claim = Request::post(&path).token(&token(Role::Player, "ada"));
        assert_eq!(client.ask(&claim).unwrap().outcome(), "granted");
        let solve = Request::post(&format!("/v1/hunts/{hunt}/clues/riddle/solve"))
            .token(&token(Role::Player, "ada"));
        let solve = solve.body(format!(r#"{{"answer":"{}"}}"#, hunts::ANSWER));
        assert_eq!(client.ask(&solve).unwrap().outcome(), "solved");
    }
    assert_eq!(engine.stop().code(), Some(0));

    let all = run(&["events", "--store", &name]);
    assert_eq!(all.code(), Some(0), "{all:?}");
    let kinds = |ran: &Ran| -> Vec<String> {
        let parsed = ran
            .out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        parsed
            .map(|event| event["type"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(kinds(&all).len(), 8, "{}", all.out);
    let one = run(&["events", "--store", &name, "--hunt", "one"]);
    assert_eq!(
        kinds(&one),
        ["created", "phase_changed", "claimed", "solved"]
    );
    assert!(
        !all.out.contains(hunts::ANSWER) && !all.out.contains("quicksilvermagpie"),
        "{}",
        all.out
    );
    let first = serde_json::from_str::<Value>(one.out.lines().next().unwrap()).unwrap();
    let after = first["seq"].to_string();
    let rest = run(&[
        "events", "--store", &name, "--hunt", "one", "--after", &after,
    ]);
    assert_eq!(kinds(&rest), ["phase_changed", "claimed", "solved"]);

    let report = verify_clean(&store);
    let figures =
        ["shards", "events", "players", "grants"].map(|name| report[name].as_u64().unwrap());
    assert_eq!(figures, [64, 8, 2, 4], "{report}");
    let text = run(&["verify", "--store", &name]);
    assert_eq!(text.code(), Some(0), "{text:?}");
    assert!(text.out.contains("no faults"), "{}", text.out);
}

#[test]
fn demo_plays_and_finds_no_fault() {
    let scratch = Scratch::new("demo");
    let mut demo = command(&["demo", "--players", &PLAYERS.to_string(), "--json"]);
    demo.current_dir(scratch.path());
    let ran = run_command(demo);
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    let told: Value = serde_json::from_str(&ran.out).expect("standard output is one JSON value");
    assert_eq!(
        (&told["players"], &told["faults"]),
        (&Value::from(PLAYERS), &Value::from(0)),
        "{told}"
    );
    for field in ["commands", "events", "commands_per_s"] {
        assert!(
            told[field].as_f64().unwrap() >= PLAYERS as f64,
            "{field}: {told}"
        );
    }
    for field in ["p50", "p99", "p999", "max"] {
        assert!(
            told["latency_us"][field].as_f64().unwrap() > 0.0,
            "{field}: {told}"
        );
    }
    let (grants, left) = (
        told["grants"].as_object().unwrap(),
        told["stock_left"].as_object().unwrap(),
    );
    assert!(
        !grants.is_empty() && grants.keys().eq(left.keys()),
        "{told}"
    );
    assert!(
        std::fs::read_dir(scratch.path()).unwrap().next().is_none(),
        "the demo left something behind"
    );
}
