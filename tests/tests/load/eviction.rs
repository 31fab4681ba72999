//! More players than memory holds: each of them is still there, with all that was done.

use std::fmt::Write as _;
use std::thread;

use serde_json::Value;
use tests::players::ok;
use tests::{Engine, Request, Role, Scratch, hunts, program, token};

const PLAYERS: usize = 50_000;
/// Hunts that every player plays; two of them at least are on one core.
const HUNTS: [&str; 3] = ["crowd-a", "crowd-b", "crowd-c"];
const BATCH: usize = 2_500;
/// Connections that read each hunt.
const READERS: usize = 4;
/// Requests that a reader has under way at once.
const PIPELINED: usize = 25;
/// What the engine is told that it may use.
const MEMORY_MB: u64 = 128;
/// What it may really use: its own code and the kernel's share of its sockets come on top.
const RESIDENT_BYTES_MAX: u64 = (2 * MEMORY_MB) << 20;

const _: () = assert!(
    PLAYERS.is_multiple_of(BATCH) && PLAYERS.is_multiple_of(READERS * PIPELINED),
    "no player is left out"
);

#[test]
fn more_players_than_memory_holds() {
    let scratch = Scratch::new("eviction");
    let store = scratch.join("store");
    let memory = MEMORY_MB.to_string();
    let settings = [("memory_mb", memory.as_str())];
    let engine = Engine::start(&store, &settings);
    for hunt in HUNTS {
        hunts::put_open(&mut engine.client(), &hunts::coins(hunt, PLAYERS as u64));
    }
    let mut client = engine.client();
    let service = token(Role::Service, "game");
    let parts = (0..PLAYERS).step_by(BATCH);
    for (first, hunt) in parts.flat_map(|first| HUNTS.map(|hunt| (first, hunt))) {
        let batch = Request::post("/v1/batch")
            .token(&service)
            .body(commands(first, hunt));
        let answers = ok(&client.ask(&batch).unwrap());
        for answer in answers.as_array().unwrap() {
            assert_eq!(answer["status"], 200, "{answer}");
        }
        let resident = engine.rss_bytes();
        assert!(
            resident < RESIDENT_BYTES_MAX,
            "{resident} bytes are resident after {first} players"
        );
    }
    read_all(&engine, &service);
    let evicted = engine.client().metric("hunt_rows_evicted_total");
    assert!(
        evicted > 0,
        "all players fitted into memory: the test tests nothing"
    );
    assert!(
        engine.rss_bytes() < RESIDENT_BYTES_MAX,
        "{} bytes are resident",
        engine.rss_bytes()
    );
    assert_eq!(engine.stop().code(), Some(0));
    let engine = Engine::start(&store, &settings);
    read_all(&engine, &service);
    engine.kill();
    let report = program::verify_clean(&store);
    assert_eq!(report["players"], HUNTS.len() * PLAYERS, "{report}");
}

/// An id as long as ids may be: rows that weigh something.
fn player(number: usize) -> String {
    format!("{number:0>64}")
}

fn commands(first: usize, hunt: &str) -> String {
    let mut json = String::from("[");
    for number in first..first + BATCH {
        let player = player(number);
        let answer = hunts::ANSWER;
        let one = format!(
            r#"{{"player":"{player}","hunt":"{hunt}","request_id":"s","solve":{{"clue":"riddle","answer":"{answer}"}}}},
            {{"player":"{player}","hunt":"{hunt}","request_id":"c","claim":"coin"}},"#
        );
        json.write_str(&one).unwrap();
    }
    json.pop();
    json.push(']');
    json
}

fn read_all(engine: &Engine, service: &str) {
    thread::scope(|scope| {
        let readers = (0..READERS).flat_map(|reader| HUNTS.map(|hunt| (reader, hunt)));
        for (reader, hunt) in readers {
            scope.spawn(move || {
                let numbers: Vec<usize> = (reader..PLAYERS).step_by(READERS).collect();
                let mut client = engine.client();
                for some in numbers.chunks(PIPELINED) {
                    let request = |number: &usize| {
                        let path = format!("/v1/hunts/{hunt}/progress");
                        Request::get(&path)
                            .token(service)
                            .player(&player(*number))
                            .bytes()
                    };
                    client
                        .send(&some.iter().flat_map(request).collect::<Vec<u8>>())
                        .unwrap();
                    for number in some {
                        check(*number, &ok(&client.receive().unwrap()));
                    }
                }
            });
        }
    });
}

fn check(number: usize, progress: &Value) {
    assert_eq!(progress["score"], 10, "player {number}: {progress}");
    assert_eq!(
        progress["solved"][0]["clue"], "riddle",
        "player {number}: {progress}"
    );
    let treasures: Vec<&Value> = progress["grants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|grant| &grant["treasure"])
        .collect();
    assert_eq!(treasures, ["badge", "coin"], "player {number}: {progress}");
}
