//! Stores whose files were damaged. Nobody can promise to notice everything, but what is noticed is said in words.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tests::random::{number, seed};
use tests::scratch::{copy_folder, files};
use tests::{Engine, Random, Request, Role, Scratch, hunts, program, token};

/// Damaged copies that are tried.
const CASES: u64 = 16;

/// How long a damaged store may take to open, or to be refused.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bits that one damage flips.
const FLIPS_MAX: usize = 40;

#[test]
fn damaged_stores_are_refused_in_words() {
    let seed = seed("HUNT_CORRUPT_SEED");
    let scratch = Scratch::new("corrupt");
    let (stopped, killed) = (scratch.join("stopped"), scratch.join("killed"));
    fill(&stopped).stop();
    fill(&killed).kill();
    let mut noticed = 0;
    for case in 0..number("HUNT_CORRUPT_CASES", CASES) {
        let mut random = Random::new(seed, case);
        let store = scratch.join(&format!("case-{case}"));
        copy_folder(if case % 2 == 0 { &stopped } else { &killed }, &store);
        let damage = damage(&mut random, &store);
        eprintln!("case {case}: {damage}");
        let name = format!("embedded:{}", store.display());
        let ran = program::run(&["verify", "--store", &name, "--json"]);
        assert!(!ran.crashed(), "{damage}: {ran:#?}");
        if ran.code() != Some(0) {
            noticed += 1;
            let report: Value = serde_json::from_str(&ran.out).unwrap_or_default();
            let faults = report["faults"].as_array().map_or(0, Vec::len);
            assert!(
                faults > 0 || ran.err.trim().len() > 20,
                "{damage}: it does not say why: {ran:#?}"
            );
        }
        serve(&store, &damage);
        std::fs::remove_dir_all(&store).unwrap();
    }
    assert!(noticed > 0, "no damage at all was noticed");
}

/// A store with some thousand events, in its engine.
fn fill(store: &Path) -> Engine {
    let engine = Engine::start(store, &[]);
    let mut client = engine.client();
    for hunt in ["one", "two", "three"] {
        hunts::put_open(&mut client, &hunts::coins(hunt, 100));
        for batch in 0..4 {
            let item = |number: usize| {
                let player = format!("player-{batch}-{number}");
                format!(
                    r#"{{"player":"{player}","hunt":"{hunt}","request_id":"c","claim":"pebble"}}"#
                )
            };
            let items: Vec<String> = (0..500).map(item).collect();
            let body = format!("[{}]", items.join(","));
            let batch = Request::post("/v1/batch")
                .token(&token(Role::Service, "game"))
                .body(body);
            assert_eq!(client.ask(&batch).unwrap().status, 200);
        }
    }
    engine
}

/// Damages one file; says what it did.
fn damage(random: &mut Random, store: &Path) -> String {
    let files = files(store);
    let file = random.pick(&files);
    let mut bytes = std::fs::read(file).unwrap();
    // Files are set aside larger than they are full: the zeros at the end are nobody's.
    let full = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |at| at + 1);
    let name = file.strip_prefix(store).unwrap().display();
    let done = match random.below(4) {
        0 => {
            let keep = random.below(full + 1);
            bytes.truncate(keep);
            format!("{name} cut to {keep} of {full} bytes")
        }
        1 => {
            let from = random.below(full + 1);
            let to = (from + 4_096).min(full);
            bytes[from..to].fill(0);
            format!("{name} zeroed from {from} to {to}")
        }
        _ if full > 0 => {
            let flips = 1 + random.below(FLIPS_MAX);
            for _ in 0..flips {
                bytes[random.below(full)] ^= 1 << random.below(8);
            }
            format!("{name} with {flips} bits flipped")
        }
        _ => {
            std::fs::remove_file(file).unwrap();
            return format!("{name} removed");
        }
    };
    std::fs::write(file, bytes).unwrap();
    done
}

/// It serves, or it says why not; either way it can be stopped.
fn serve(store: &Path, damage: &str) {
    let mut engine = Engine::spawn(store, &[]);
    match engine.wait_ready(PATIENCE) {
        Ok(()) => {
            let request = Request::get("/v1/hunts/one").token(&token(Role::Player, "p"));
            let answer = engine.client().ask(&request).unwrap();
            assert!(
                matches!(answer.status, 200 | 404 | 503),
                "{damage}: {}",
                answer.text()
            );
        }
        Err(Some(status)) => {
            assert!(
                status.code().is_some_and(|code| code != 101 && code != 0),
                "{damage}: {status} {}",
                engine.log()
            );
            assert!(engine.log().len() > 20, "{damage}: it does not say why");
        }
        Err(None) => assert!(
            engine.log().contains("ERROR"),
            "{damage}: it hangs and does not say why: {}",
            engine.log()
        ),
    }
    let log = engine.log();
    assert!(!log.contains("panicked at"), "{damage}: {log}");
    if engine.is_alive() {
        let status = engine.stop();
        assert!(
            status.code().is_some_and(|code| code != 101),
            "{damage}: {status}"
        );
    }
}
