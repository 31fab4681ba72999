//! The Rust client against the real program: kills in the middle, commands sent twice, owners, the feed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use client::{
    Action, Client, Command, Events, HuntId, Outcome, PlayerId, Position, Replied, RequestId,
    Settings, TreasureId,
};
use tests::ports::free_ports;
use tests::{Engine, Role, Scratch, hunts, program, token};

const COINS: u64 = 100;

/// Longer than any restart takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// An engine whose ports stay the same over its lives.
struct Site {
    _scratch: Scratch,
    store: std::path::PathBuf,
    wire: SocketAddr,
}

impl Site {
    fn new(name: &str) -> Self {
        let scratch = Scratch::new(name);
        Self {
            store: scratch.join("store"),
            wire: free_ports(cores()),
            _scratch: scratch,
        }
    }

    fn start(&self) -> Engine {
        let wire = self.wire.to_string();
        Engine::start(&self.store, &[("wire_listen", &wire)])
    }

    fn client(&self) -> Client {
        let settings = Settings {
            timeout: PATIENCE,
            ..Settings::default()
        };
        let token = token(Role::Service, "game");
        Client::start(&[&self.wire.to_string()], token, settings).unwrap()
    }
}

/// Each core listens on a port of its own.
fn cores() -> u16 {
    std::thread::available_parallelism().map_or(1, usize::from) as u16
}

fn claim(hunt: &str, player: usize) -> Command {
    Command {
        hunt: HuntId::new(hunt).unwrap(),
        request: RequestId::new(&format!("r{player}")).unwrap(),
        action: Action::Claim {
            player: PlayerId::new(&format!("p{player}")).unwrap(),
            treasure: TreasureId::new("coin").unwrap(),
        },
    }
}

/// Waits for a connection after the first `before` ones: what is not there can't be broken off.
fn until_connected(client: &Client, before: u64) {
    tests::wait_until("the client is connected", || {
        client.counters().connections_opened > before
    });
}

#[test]
fn a_stampede_through_kills_grants_each_coin_once_and_tells_everybody() {
    const PLAYERS: usize = 2_000;
    const KILLS: usize = 3;
    let site = Site::new("client-kills");
    let mut engine = site.start();
    hunts::put_open(&mut engine.client(), &hunts::coins("rush", COINS));
    let client = site.client();
    let mut answers: BTreeMap<usize, Outcome> = BTreeMap::new();
    // Broken off so far.
    let mut broken = 0;
    for round in 0..=KILLS {
        let mut batches = Vec::new();
        for twice in 0..2 {
            // The second time one by one: other frames, the same requests.
            if twice == 0 {
                let all = (0..PLAYERS).map(|player| claim("rush", player)).collect();
                batches.push((0..PLAYERS, client.send_all(all).unwrap()));
            }
            for player in (0..PLAYERS).step_by(97) {
                let one = vec![claim("rush", player)];
                batches.push((player..player + 1, client.send_all(one).unwrap()));
            }
        }
        if round < KILLS {
            until_connected(&client, broken);
            engine.kill();
            broken = client.counters().connections_opened;
            engine = site.start();
        }
        for (players, batch) in batches {
            for (player, answer) in players.zip(batch.wait()) {
                let Replied { outcome, .. } = answer.unwrap();
                let first = answers.entry(player).or_insert_with(|| outcome.clone());
                assert_eq!(*first, outcome, "round {round}, player {player}");
            }
        }
    }
    let grants = answers.values().filter_map(|outcome| match outcome {
        Outcome::Granted(grant) => Some((grant.shard, grant.seq, grant.place)),
        _ => None,
    });
    let grants: Vec<_> = grants.collect();
    let names: BTreeSet<_> = grants.iter().collect();
    assert_eq!((grants.len() as u64, names.len() as u64), (COINS, COINS));
    assert!(client.counters().connections_opened > KILLS as u64);
    drop(client);
    assert!(engine.stop().success());
    program::verify_clean(&site.store);
}

#[test]
fn commands_go_to_the_core_that_owns_their_hunt() {
    const HUNTS: usize = 8;
    let site = Site::new("client-owners");
    let engine = site.start();
    for hunt in 0..HUNTS {
        let hunt = hunts::coins(&format!("owned-{hunt}"), COINS);
        hunts::put_open(&mut engine.client(), &hunt);
    }
    let client = site.client();
    let started = Instant::now();
    // The first commands find the way; from then on none takes a detour.
    for round in 0.. {
        let before = client.counters();
        for hunt in 0..HUNTS {
            let call = client.send(claim(&format!("owned-{hunt}"), round)).unwrap();
            assert!(matches!(call.wait().unwrap().outcome, Outcome::Granted(_)));
        }
        let after = client.counters();
        let sent = after.commands_sent - before.commands_sent;
        assert_eq!(sent, HUNTS as u64);
        if after.commands_sent_to_owner - before.commands_sent_to_owner == sent {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "some still take a detour");
    }
    assert!(engine.stop().success());
}

#[test]
fn a_feed_gives_each_event_once_and_in_order_over_a_kill() {
    const PLAYERS: usize = 3_000;
    let site = Site::new("client-feed");
    let engine = site.start();
    hunts::put_open(&mut engine.client(), &hunts::coins("told", PLAYERS as u64));
    let client = site.client();
    let mut feed = client.feed(Position::default());
    let mut seqs = Vec::new();
    let half = PLAYERS / 2;
    let claims = |players: std::ops::Range<usize>| {
        let batch = client.send_all(players.map(|player| claim("told", player)).collect());
        assert!(batch.unwrap().wait().iter().all(Result::is_ok));
    };
    claims(0..half);
    let read = |feed: &mut client::Feed, seqs: &mut Vec<u64>, until: usize| {
        while seqs.len() < until {
            let page: Events = feed.wait(PATIENCE).unwrap().expect("events come");
            seqs.extend(page.events.iter().map(|event| event.seq));
        }
    };
    // Some are read before the kill, some after it.
    read(&mut feed, &mut seqs, half / 2);
    engine.kill();
    let engine = site.start();
    claims(half..PLAYERS);
    // The hunt was put and opened, too.
    read(&mut feed, &mut seqs, PLAYERS + 2);
    let expected: Vec<u64> = (1..=PLAYERS as u64 + 2).collect();
    assert_eq!(seqs, expected);
    drop(feed);
    drop(client);
    assert!(engine.stop().success());
    program::verify_clean(&site.store);
}
