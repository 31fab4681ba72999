//! Times fire by themselves: nobody asks for anything while a hunt opens, freezes and closes.

use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tests::players::look;
use tests::{Engine, Request, Role, Scratch, feed, hunts, program, token};

/// When the hunt opens, freezes and closes, from now.
const STEPS_MS: [u64; 3] = [1_500, 2_500, 3_500];

/// Far longer than any of it takes.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_hunt_opens_freezes_and_closes_on_time() {
    let scratch = Scratch::new("schedule");
    let store = scratch.join("store");
    let engine = Engine::start(&store, &[]);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_millis() as u64;
    let [opens, freezes, closes] = STEPS_MS.map(|ms| now + ms);
    let mut hunt = hunts::coins("timed", 10);
    for (field, at) in [
        ("opens_at", opens),
        ("freezes_at", freezes),
        ("closes_at", closes),
    ] {
        hunt[field] = Value::from(hunt::Millis(at).to_string());
    }
    let mut client = engine.client();
    hunts::put(&mut client, &hunt);
    let early =
        Request::post("/v1/hunts/timed/treasures/coin/claim").token(&token(Role::Player, "early"));
    let answer = client.ask(&early).unwrap();
    assert_eq!(answer.status, 409, "{}", answer.text());

    let started = Instant::now();
    let phases = loop {
        let events = feed(&mut client);
        let phases: Vec<Value> = events
            .into_iter()
            .filter(|event| event["type"] == "phase_changed")
            .collect();
        if phases.len() == STEPS_MS.len() {
            break phases;
        }
        assert!(started.elapsed() < PATIENCE, "only {phases:?}");
        sleep(Duration::from_millis(50));
    };
    let expected = [("open", opens), ("frozen", freezes), ("closed", closes)];
    for (event, (phase, at)) in phases.iter().zip(expected) {
        assert_eq!(event["phase"], phase, "{event}");
        let happened = hunt::Millis::parse_rfc3339(event["at"].as_str().unwrap()).unwrap();
        assert!(
            happened.0 >= at,
            "{event} came before its time {}",
            hunt::Millis(at)
        );
    }
    let late = client.ask(&early).unwrap();
    assert_eq!(late.status, 409, "{}", late.text());
    let stats = look(&mut client, Role::Operator, "/v1/hunts/timed/stats");
    assert_eq!(stats["phase"], "closed", "{stats}");
    assert_eq!(engine.stop().code(), Some(0));
    program::verify_clean(&store);
}

#[test]
fn what_was_due_while_the_engine_was_down_happens_once_when_it_is_up() {
    let scratch = Scratch::new("schedule-down");
    let store = scratch.join("store");
    let engine = Engine::start(&store, &[]);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_millis() as u64;
    let mut hunt = hunts::coins("timed", 10);
    hunt["opens_at"] = Value::from(hunt::Millis(now + 1_500).to_string());
    hunts::put(&mut engine.client(), &hunt);
    engine.kill();
    let down = Duration::from_millis(1_600);
    sleep(down);
    for _ in 0..2 {
        let engine = Engine::start(&store, &[]);
        let started = Instant::now();
        loop {
            let events = feed(&mut engine.client());
            let opened = events
                .iter()
                .filter(|event| event["phase"] == "open")
                .count();
            assert!(opened < 2, "it opened twice");
            if opened == 1 {
                break;
            }
            assert!(started.elapsed() < PATIENCE, "it never opened");
            sleep(Duration::from_millis(20));
        }
        engine.kill();
    }
    program::verify_clean(&store);
}
