//! What must hold after a restart: every deed is asked again with its key.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::thread;

use serde_json::Value;
use tests::players::ok;
use tests::{Client, Request, Role, token};

use crate::deeds::{Deed, HUNT, Told};

const THREADS: usize = 8;
/// Requests under way at once on a connection.
const PIPELINED: usize = 32;

/// Asks all deeds again. What was told before is told again, byte for byte; what was not is told now, and from now on.
pub(crate) fn ask_again(address: SocketAddr, deeds: &mut [Deed]) {
    in_parallel(deeds, |some| {
        let service = token(Role::Service, "game");
        let mut client = Client::new(address);
        for some in some.chunks_mut(PIPELINED) {
            let unheard: Vec<bool> = some.iter().map(|deed| deed.told.is_none()).collect();
            hear_all_again(&mut client, &service, some.iter_mut());
            let told_now = some.iter_mut().zip(&unheard);
            let told_now = told_now.filter_map(|(deed, unheard)| unheard.then_some(deed));
            hear_all_again(&mut client, &service, told_now);
        }
    });
}

fn hear_all_again<'a>(
    client: &mut Client,
    service: &str,
    deeds: impl Iterator<Item = &'a mut Deed>,
) {
    let mut deeds: Vec<&mut Deed> = deeds.collect();
    let requests = deeds.iter().flat_map(|deed| deed.request(service).bytes());
    client.send(&requests.collect::<Vec<u8>>()).unwrap();
    for deed in &mut deeds {
        hear_again(deed, client);
    }
}

fn hear_again(deed: &mut Deed, client: &mut Client) {
    let answer = client.receive().unwrap();
    assert_eq!(answer.status, 200, "{deed:?}: {}", answer.text());
    let Some(told) = &deed.told else {
        deed.told = Some(Told::Alone(answer.body));
        return;
    };
    match told.outcome().as_str() {
        "joined" | "wrong" | "solved" | "granted" => {
            assert!(
                answer.is_replay(),
                "{deed:?} took effect again: {}",
                answer.text()
            );
            match told {
                Told::Alone(body) => {
                    assert_eq!(String::from_utf8_lossy(body), answer.text(), "{deed:?}")
                }
                Told::InBatch(reply) => assert_eq!(*reply, answer.json(), "{deed:?}"),
            }
        }
        // Refused, it changed nothing and is decided anew: stock comes back only by what the operator adds.
        "sold_out" => {
            let outcome = answer.outcome();
            assert!(
                outcome == "sold_out" || outcome == "granted",
                "{deed:?}: {}",
                answer.text()
            );
            deed.told = Some(Told::Alone(answer.body));
        }
        outcome => assert_eq!(answer.outcome(), outcome, "{deed:?}: {}", answer.text()),
    }
}

/// The progress of every player who did something is what was told, no more and no less.
pub(crate) fn progress_is_what_was_told(address: SocketAddr, deeds: &[Deed]) {
    let mut players: BTreeMap<&str, Vec<&Deed>> = BTreeMap::new();
    for deed in deeds {
        players.entry(&deed.player).or_default().push(deed);
    }
    let mut players: Vec<_> = players.into_iter().collect();
    in_parallel(&mut players, |some| {
        let service = token(Role::Service, "game");
        let mut client = Client::new(address);
        for some in some.chunks(PIPELINED) {
            let request = |player: &str| {
                let path = format!("/v1/hunts/{HUNT}/progress");
                Request::get(&path).token(&service).player(player).bytes()
            };
            let bytes: Vec<u8> = some
                .iter()
                .flat_map(|(player, _)| request(player))
                .collect();
            client.send(&bytes).unwrap();
            for (player, deeds) in some {
                let progress = ok(&client.receive().unwrap());
                let mut told: Vec<String> = deeds
                    .iter()
                    .flat_map(|deed| grants(deed))
                    .map(|(_, id)| id)
                    .collect();
                let mut held: Vec<String> = progress["grants"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(id)
                    .collect();
                told.sort();
                held.sort();
                assert_eq!(held, told, "{player}: {progress} {deeds:#?}");
                let solved = deeds
                    .iter()
                    .filter(|deed| outcome(deed) == "solved")
                    .count();
                assert_eq!(
                    progress["solved"].as_array().map(Vec::len),
                    Some(solved),
                    "{player}: {progress}"
                );
            }
        }
    });
}

/// Treasure and id of all that a deed won.
pub(crate) fn grants(deed: &Deed) -> Vec<(String, String)> {
    let told = deed.told.as_ref().map(Told::json).unwrap_or_default();
    let one = told.get("grant").filter(|_| told["outcome"] == "granted");
    let many = told["grants"].as_array().into_iter().flatten();
    many.chain(one)
        .map(|grant| (grant["treasure"].as_str().unwrap().to_owned(), id(grant)))
        .collect()
}

fn outcome(deed: &Deed) -> String {
    deed.told.as_ref().map(Told::outcome).unwrap_or_default()
}

fn id(grant: &Value) -> String {
    grant["id"].as_str().unwrap().to_owned()
}

/// Cuts a slice into as many parts as threads; those keep the order within them. Deeds of one player may be parted,
/// which is fine: each names its own key.
fn in_parallel<T: Send>(all: &mut [T], work: impl Fn(&mut [T]) + Sync) {
    let part = all.len().div_ceil(THREADS).max(1);
    thread::scope(|scope| {
        for some in all.chunks_mut(part) {
            scope.spawn(|| work(some));
        }
    });
}
