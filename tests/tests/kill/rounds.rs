//! The rounds: start, ask again, play, kill, verify.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::players::{feed, grants_in, look};
use tests::random::{number, seed};
use tests::{Engine, Random, Request, Role, Scratch, hunts, program, token};

use crate::check::{ask_again, grants, progress_is_what_was_told};
use crate::deeds::{Deed, HUNT};
use crate::load;

const ROUNDS: u64 = 50;

/// Coins at first, and those that each round adds: they run out in every round.
const COINS: u64 = 150;

/// How long a round plays before it is killed.
const PLAY_MS: std::ops::Range<usize> = 100..450;

/// Rounds out of a hundred that are also killed while they start.
const KILLED_AT_START: usize = 20;

/// When that is.
const START_MS: usize = 80;

/// Deeds of earlier rounds that each round asks again.
const SAMPLE: usize = 500;

/// How long the parts of all rounds took.
#[derive(Debug, Default)]
struct Times {
    starts: Duration,
    repeats: Duration,
    checks: Duration,
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_happens_twice() {
    let seed = seed("HUNT_KILL_SEED");
    let rounds = number("HUNT_KILL_ROUNDS", ROUNDS) as usize;
    let mut random = Random::new(seed, 1);
    let scratch = Scratch::new("kill");
    let store = scratch.join("store");
    let engine = Engine::start(&store, &[]);
    let mut hunt = hunts::coins(HUNT, COINS);
    hunt["guesses"] = json!({ "per_clue": 5 });
    hunts::put_open(&mut engine.client(), &hunt);
    engine.kill();

    let started = Instant::now();
    let mut times = Times::default();
    let mut deeds: Vec<Deed> = Vec::new();
    for round in 1..=rounds {
        let mut done = one_round(&mut random, &store, round, &mut deeds, &mut times);
        let heard = done.iter().filter(|deed| deed.told.is_some()).count();
        if round % 10 == 0 || round == rounds {
            let (all, unheard) = (done.len(), done.len() - heard);
            eprintln!(
                "round {round}: {all} commands, {unheard} unanswered; {:.0?} in all, {times:.1?}",
                started.elapsed()
            );
        }
        assert!(heard > 0, "round {round} was killed before it did anything");
        deeds.append(&mut done);
    }
    at_the_end(&store, &mut deeds, COINS * (rounds as u64 + 1));
}

/// Returns the deeds of this round; those of the round before are last in `before`, and are all asked again.
fn one_round(
    random: &mut Random,
    store: &Path,
    round: usize,
    before: &mut [Deed],
    times: &mut Times,
) -> Vec<Deed> {
    if random.percent(KILLED_AT_START) {
        let engine = Engine::spawn(store, &[]);
        sleep(Duration::from_millis(random.below(START_MS) as u64));
        engine.kill();
        program::verify_clean(store);
    }
    let started = Instant::now();
    let engine = Engine::start(store, &[]);
    times.starts += started.elapsed();
    let last = before
        .iter()
        .rposition(|deed| !of_round(deed, round - 1))
        .map_or(0, |at| at + 1);
    let (earlier, last) = before.split_at_mut(last);
    ask_again(engine.address(), last);
    progress_is_what_was_told(engine.address(), last);
    if !earlier.is_empty() {
        let from = random.below(earlier.len());
        let to = (from + SAMPLE).min(earlier.len());
        ask_again(engine.address(), &mut earlier[from..to]);
    }
    restock(&engine, round);
    times.repeats += started.elapsed();
    let address = engine.address();
    let play_ms = PLAY_MS.start + random.below(PLAY_MS.len());
    let done = load::play(address, round, || {
        sleep(Duration::from_millis(play_ms as u64));
        engine.kill();
    });
    let started = Instant::now();
    program::verify_clean(store);
    times.checks += started.elapsed();
    done
}

fn of_round(deed: &Deed, round: usize) -> bool {
    deed.player.starts_with(&format!("r{round}-"))
}

fn restock(engine: &Engine, round: usize) {
    let request = Request::post(&format!("/v1/hunts/{HUNT}/treasures/coin/stock"))
        .token(&token(Role::Operator, "boss"))
        .key(&format!("restock-{round}"))
        .body(json!({ "add": COINS }).to_string());
    let mut client = engine.client();
    let (first, again) = (client.ask(&request).unwrap(), client.ask(&request).unwrap());
    assert_eq!(first.status, 200, "{}", first.text());
    assert_eq!(first.text(), again.text());
    assert!(again.is_replay() && !first.is_replay());
}

/// The log tells of exactly what players were told.
fn at_the_end(store: &Path, deeds: &mut [Deed], coins: u64) {
    let engine = Engine::start(store, &[]);
    // Coins that were left when a round was killed may still go to who asks again; all else was asked again by then.
    deeds.sort_by_key(|deed| !deed.is_open());
    let open = deeds.partition_point(Deed::is_open);
    ask_again(engine.address(), &mut deeds[..open]);
    progress_is_what_was_told(engine.address(), deeds);
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (treasure, id) in deeds.iter().flat_map(grants) {
        told.entry(treasure).or_default().push(id);
    }
    let mut client = engine.client();
    let events = feed(&mut client);
    let stats = look(
        &mut client,
        Role::Operator,
        &format!("/v1/hunts/{HUNT}/stats"),
    );
    for (treasure, mut told) in told {
        let mut logged = grants_in(&events, &treasure);
        told.sort();
        logged.sort();
        assert_eq!(
            told.len(),
            told.iter().collect::<BTreeSet<_>>().len(),
            "{treasure}: told twice"
        );
        assert!(
            told == logged,
            "{treasure}: {} were told, {} logged",
            told.len(),
            logged.len()
        );
        assert_eq!(
            stats["granted"][&treasure],
            logged.len(),
            "{treasure}: {stats}"
        );
    }
    let (granted, left) = (&stats["granted"]["coin"], &stats["stock_left"]["coin"]);
    assert_eq!(
        granted.as_u64().unwrap() + left.as_u64().unwrap(),
        coins,
        "{stats}"
    );
    assert_eq!(stats["granted"]["prize"], 3, "{stats}");
    first_come_first_served(&events);
    assert_eq!(engine.stop().code(), Some(0));
    program::verify_clean(store);
}

fn first_come_first_served(events: &[Value]) {
    let solves = events
        .iter()
        .filter(|event| event["type"] == "solved" && event["clue"] == "crate");
    for (place, event) in solves.enumerate() {
        let won = grants_in(std::slice::from_ref(event), "prize").len();
        assert_eq!(won, usize::from(place < 3), "at place {place}: {event}");
    }
}
