//! Far more than is served at once: every answer is a success, or says when to come again; afterwards all is normal.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::thread::{self, sleep};
use std::time::Duration;

use tests::{Answer, Engine, Request, Role, Scratch, hunts, program, token};

const CLIENTS: usize = 200;
const REQUESTS: usize = 25;
/// How long a client waits that was refused: far less than it was told.
const BACK_OFF: Duration = Duration::from_millis(5);
const STACK_BYTES: usize = 256 << 10;

#[test]
fn too_many_requests_at_once() {
    let tiny = [
        ("requests_per_core_max", "3"),
        ("batch_events_max", "4"),
        ("waiters_per_shard_max", "4"),
    ];
    let statuses = flood(&tiny);
    assert!(
        statuses.contains_key(&503),
        "it was never overloaded: {statuses:?}"
    );
    assert!(statuses[&200] > REQUESTS, "it hardly served: {statuses:?}");
}

#[test]
fn too_many_connections() {
    let statuses = flood(&[("connections_per_core_max", "10")]);
    assert!(
        statuses.contains_key(&503),
        "it took all connections: {statuses:?}"
    );
    assert!(statuses[&200] >= REQUESTS, "it hardly served: {statuses:?}");
}

/// Asks from many clients at once; returns how often each status came.
fn flood(settings: &[(&str, &str)]) -> BTreeMap<u16, usize> {
    let scratch = Scratch::new("overload");
    let store = scratch.join("store");
    let engine = Engine::start(&store, settings);
    hunts::put_open(&mut engine.client(), &hunts::coins("rush", 1_000_000));
    let service = token(Role::Service, "game");
    let mut statuses = BTreeMap::new();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (engine, service) = (&engine, &service);
                let thread = thread::Builder::new().stack_size(STACK_BYTES);
                thread
                    .spawn_scoped(scope, move || ask_all(engine, service, client))
                    .unwrap()
            })
            .collect();
        for status in threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
        {
            *statuses.entry(status).or_default() += 1;
        }
    });
    serves_normally(&engine, &service);
    assert_eq!(engine.stop().code(), Some(0));
    let report = program::verify_clean(&store);
    let granted = report["grants"].as_u64().unwrap() as usize;
    assert!(
        granted > statuses[&200],
        "an answered claim is not in the log: {report} {statuses:?}"
    );
    statuses
}

fn ask_all(engine: &Engine, service: &str, client: usize) -> Vec<u16> {
    let mut connection = engine.client();
    let mut statuses = Vec::new();
    for number in 0..REQUESTS {
        match connection.ask(&claim(service, &format!("p-{client}-{number}"))) {
            Ok(answer) => {
                check(&answer);
                statuses.push(answer.status);
                if answer.status != 200 {
                    sleep(BACK_OFF);
                }
            }
            // A connection past the limit is closed once it was told so; what was being written then breaks off.
            Err(error) => {
                let broken = [
                    ErrorKind::ConnectionReset,
                    ErrorKind::BrokenPipe,
                    ErrorKind::UnexpectedEof,
                ];
                assert!(broken.contains(&error.kind()), "{error:?}");
            }
        }
    }
    statuses
}

fn claim(service: &str, player: &str) -> Request {
    let path = "/v1/hunts/rush/treasures/coin/claim";
    Request::post(path)
        .token(service)
        .player(player)
        .key("claim")
}

fn check(answer: &Answer) {
    match answer.status {
        200 => assert_eq!(answer.outcome(), "granted", "{}", answer.text()),
        429 | 503 => {
            let after = answer.header("retry-after").map(str::parse::<u64>);
            assert!(matches!(after, Some(Ok(1..=60))), "{answer:?}");
            assert_eq!(
                answer.header("content-type"),
                Some("application/problem+json")
            );
            assert_eq!(answer.json()["status"], answer.status, "{}", answer.text());
        }
        _ => panic!("{} {}", answer.status, answer.text()),
    }
}

fn serves_normally(engine: &Engine, service: &str) {
    let mut connection = engine.client();
    for number in 0..REQUESTS {
        // The connections of the flood may still be closing.
        let mut answer = connection.ask(&claim(service, &format!("after-{number}")));
        while answer.as_ref().map_or(true, |answer| answer.status != 200) && number == 0 {
            sleep(BACK_OFF);
            answer = connection.ask(&claim(service, "after-0"));
        }
        assert_eq!(answer.unwrap().status, 200);
    }
}

#[test]
fn a_player_who_asks_too_fast() {
    let scratch = Scratch::new("too-fast");
    let engine = Engine::start(
        &scratch.join("store"),
        &[("player_requests_per_s", "5"), ("cores", "1")],
    );
    hunts::put_open(&mut engine.client(), &hunts::coins("rush", 10));
    let (fast, slow) = (token(Role::Player, "fast"), token(Role::Player, "slow"));
    let progress = |token: &str| Request::get("/v1/hunts/rush/progress").token(token);
    let mut client = engine.client();
    let answers: Vec<Answer> = (0..200)
        .map(|_| client.ask(&progress(&fast)).unwrap())
        .collect();
    let refused: Vec<&Answer> = answers
        .iter()
        .filter(|answer| answer.status != 200)
        .collect();
    assert!(
        refused.len() > 100,
        "only {} of 200 were refused",
        refused.len()
    );
    assert_eq!(answers[0].status, 200, "the first is served");
    for answer in refused {
        assert_eq!(answer.status, 429, "{}", answer.text());
        assert!(answer.header("retry-after").is_some(), "{answer:?}");
    }
    assert_eq!(
        client.ask(&progress(&slow)).unwrap().status,
        200,
        "others are not held up"
    );
}
