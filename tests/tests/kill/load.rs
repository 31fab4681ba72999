//! The load: players on many connections, most with one command per request, some in batches, until the engine dies.

use std::net::SocketAddr;
use std::thread;

use serde_json::Value;
use tests::{Client, Request, Role, token};

use crate::deeds::{ACTS, Deed};

/// Connections with one command at a time.
const SINGLES: usize = 28;
/// Connections with batches.
const BATCHERS: usize = 4;
/// Players of one batch; each makes a step.
const PLAYERS_PER_BATCH: usize = 40;
const STACK_BYTES: usize = 256 << 10;

/// Plays until the connections break, which `end` sees to. Returns all deeds, a player's in order.
pub(crate) fn play(address: SocketAddr, round: usize, end: impl FnOnce()) -> Vec<Deed> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..SINGLES + BATCHERS)
            .map(|worker| {
                let name = format!("r{round}-w{worker}");
                let thread = thread::Builder::new().stack_size(STACK_BYTES);
                let work = move || {
                    if worker < SINGLES {
                        one_by_one(address, &name)
                    } else {
                        in_batches(address, &name)
                    }
                };
                thread.spawn_scoped(scope, work).unwrap()
            })
            .collect();
        end();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    })
}

fn one_by_one(address: SocketAddr, name: &str) -> Vec<Deed> {
    let service = token(Role::Service, "game");
    let mut client = Client::new(address);
    let mut deeds = Vec::new();
    for number in 0.. {
        let player = format!("{name}-{number}");
        for step in 0..ACTS.len() {
            let mut deed = Deed::new(&player, step);
            let answer = client.ask(&deed.request(&service));
            let over = answer.is_err();
            if let Ok(answer) = answer {
                deed.hear(answer);
            }
            let unheard = deed.told.is_none();
            deeds.push(deed);
            if over {
                return deeds;
            }
            if unheard {
                break;
            }
        }
    }
    deeds
}

fn in_batches(address: SocketAddr, name: &str) -> Vec<Deed> {
    let service = token(Role::Service, "game");
    let mut client = Client::new(address);
    let mut deeds = Vec::new();
    for number in 0.. {
        for step in 0..ACTS.len() {
            let player = |i| format!("{name}-{number}-{i}");
            let mut batch: Vec<Deed> = (0..PLAYERS_PER_BATCH)
                .map(|i| Deed::new(&player(i), step))
                .collect();
            let items: Vec<Value> = batch.iter().map(Deed::item).collect();
            let request = Request::post("/v1/batch")
                .token(&service)
                .body(Value::from(items).to_string());
            let answer = client.ask(&request);
            let answers = answer
                .as_ref()
                .ok()
                .filter(|answer| answer.status == 200)
                .map(|answer| answer.json());
            if let Some(Value::Array(answers)) = answers {
                assert_eq!(
                    answers.len(),
                    batch.len(),
                    "an item of a batch has no answer"
                );
                batch
                    .iter_mut()
                    .zip(answers)
                    .for_each(|(deed, item)| deed.hear_item(item));
            }
            let unheard = batch.iter().any(|deed| deed.told.is_none());
            deeds.append(&mut batch);
            if answer.is_err() {
                return deeds;
            }
            if unheard {
                break;
            }
        }
    }
    deeds
}
