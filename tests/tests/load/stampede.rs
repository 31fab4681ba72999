//! A hundred coins, ten thousand players on five hundred connections, every request sent twice with one key, some
//! connections cut in the middle: exactly a hundred grants, and every repeated answer the same, byte for byte.

use std::collections::BTreeSet;
use std::thread;

use serde_json::Value;
use tests::players::{grants_in, look};
use tests::random::seed;
use tests::{Answer, Client, Engine, Random, Request, Role, Scratch, feed, hunts, program, token};

const COINS: usize = 100;
const PLAYERS: usize = 10_000;
/// Threads; each has two connections, so that one request can be under way on both.
const PAIRS: usize = 250;
/// What a thread needs.
const STACK_BYTES: usize = 256 << 10;

const _: () = assert!(
    PLAYERS.is_multiple_of(PAIRS),
    "every pair has as many players"
);

#[test]
fn exactly_once_under_a_stampede() {
    let seed = seed("HUNT_LOAD_SEED");
    let scratch = Scratch::new("stampede");
    let store = scratch.join("store");
    let engine = Engine::start(&store, &[]);
    hunts::put_open(&mut engine.client(), &hunts::coins("rush", COINS as u64));
    let granted: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = (0..PAIRS)
            .map(|pair| {
                let both = [engine.client(), engine.client()];
                let thread = thread::Builder::new().stack_size(STACK_BYTES);
                thread
                    .spawn_scoped(scope, move || play(both, seed, pair))
                    .unwrap()
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(granted.len(), COINS, "grants that players were told of");
    let granted: BTreeSet<String> = granted.into_iter().collect();
    assert_eq!(granted.len(), COINS, "grants with an id of their own");

    let mut client = engine.client();
    let stats = look(&mut client, Role::Operator, "/v1/hunts/rush/stats");
    assert_eq!(stats["granted"]["coin"], COINS, "{stats}");
    assert_eq!(stats["stock_left"]["coin"], 0, "{stats}");
    assert_eq!(stats["players"], PLAYERS, "{stats}");
    let events = feed(&mut client);
    let told: BTreeSet<String> = grants_in(&events, "coin").into_iter().collect();
    assert_eq!(told, granted, "the feed tells of the same grants");
    assert_eq!(grants_in(&events, "coin").len(), COINS, "and of each once");
    let joined = events
        .iter()
        .filter(|event| event["type"] == "joined")
        .count();
    assert_eq!(joined, PLAYERS, "every player joined once");

    assert_eq!(engine.stop().code(), Some(0));
    let report = program::verify_clean(&store);
    assert_eq!(
        (&report["grants"], &report["players"]),
        (&Value::from(COINS), &Value::from(PLAYERS)),
        "{report}"
    );
}

/// Plays all players of a pair of connections; returns the ids of their coins.
fn play(mut both: [Client; 2], seed: u64, pair: usize) -> Vec<String> {
    let mut random = Random::new(seed, pair as u64 + 1);
    let mut coins = Vec::new();
    let service = token(Role::Service, "game");
    for number in 0..PLAYERS / PAIRS {
        let player = format!("p-{pair}-{number}");
        let request = |what: &str, path: &str| {
            let request = Request::post(path).key(&format!("{what}-{number}"));
            if number % 2 == 0 {
                request.token(&token(Role::Player, &player))
            } else {
                request.token(&service).player(&player)
            }
        };
        let joined = twice(
            &mut both,
            &mut random,
            &request("join", "/v1/hunts/rush/join"),
        );
        assert_eq!(joined.outcome(), "joined", "{}", joined.text());
        let claimed = twice(
            &mut both,
            &mut random,
            &request("claim", "/v1/hunts/rush/treasures/coin/claim"),
        );
        match claimed.outcome().as_str() {
            "granted" => coins.push(claimed.json()["grant"]["id"].as_str().unwrap().to_owned()),
            "sold_out" => {}
            _ => panic!("{}", claimed.text()),
        }
    }
    coins
}

/// Sends a request twice, in one of several ways; the answers must be one.
fn twice(both: &mut [Client; 2], random: &mut Random, request: &Request) -> Answer {
    let [one, other] = both;
    let bytes = request.bytes();
    match random.below(10) {
        // Half of it is sent, then the connection is cut: it never took effect.
        0 => {
            one.send(&bytes[..random.below(bytes.len())]).unwrap();
            one.cut();
        }
        // All of it is sent, and the answer never read: it may have taken effect.
        1 => {
            one.send(&bytes).unwrap();
            one.cut();
        }
        _ => {}
    }
    let answers = match random.below(3) {
        0 => {
            one.send(&bytes).unwrap();
            other.send(&bytes).unwrap();
            [one.receive().unwrap(), other.receive().unwrap()]
        }
        1 => {
            one.send(&[bytes.clone(), bytes].concat()).unwrap();
            [one.receive().unwrap(), one.receive().unwrap()]
        }
        _ => [one.ask(request).unwrap(), other.ask(request).unwrap()],
    };
    same(&answers);
    let [answer, _] = answers;
    answer
}

fn same(answers: &[Answer; 2]) {
    let [first, second] = answers;
    assert_eq!(
        (first.status, second.status),
        (200, 200),
        "{} {}",
        first.text(),
        second.text()
    );
    assert_eq!(
        first.text(),
        second.text(),
        "a repeated request has the same answer"
    );
    if first.outcome() != "sold_out" {
        assert!(
            first.is_replay() || second.is_replay(),
            "one of two is said to repeat the other"
        );
    }
}
