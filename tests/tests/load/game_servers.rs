//! The binary protocol on the real program: many commands in flight, retries, hostile frames, the feed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use hunt::{Action, Attempt, ClueId, Command, HuntId, PlayerId, RequestId, TreasureId};
use tests::game_server::wire_address;
use tests::{Engine, GameServer, Role, Scratch, hunts, program, token};
use wire::{
    Commands, Credit, ErrorCode, FromClient, FromServer, Hello, Outcome, Position, Replied,
    Subscribe,
};

const ON: &[(&str, &str)] = &[("wire_listen", "127.0.0.1:0")];

fn command(hunt: &str, request: &str, action: Action) -> Command {
    Command {
        hunt: HuntId::new(hunt).unwrap(),
        request: RequestId::new(request).unwrap(),
        action,
    }
}

fn claim(hunt: &str, number: usize) -> Command {
    let action = Action::Claim {
        player: PlayerId::new(&format!("p{number}")).unwrap(),
        treasure: TreasureId::new("coin").unwrap(),
    };
    command(hunt, &format!("r{number}"), action)
}

fn replies(server: &mut GameServer) -> (u64, Vec<Replied>) {
    match server.hear().unwrap() {
        FromServer::Replies(replies) => (replies.id, replies.replies),
        other => panic!("not replies: {other:?}"),
    }
}

#[test]
fn a_stampede_in_frames_grants_each_coin_once_and_repeats_itself() {
    const COINS: u64 = 100;
    const PLAYERS: usize = 2_000;
    const PER_FRAME: usize = 50;
    let scratch = Scratch::new("wire-stampede");
    let store = scratch.join("store");
    let engine = Engine::start(&store, ON);
    hunts::put_open(&mut engine.client(), &hunts::coins("rush", COINS));
    let (mut server, welcome) = GameServer::of(&engine);
    // Through the owner's own port, and through whichever core is the first.
    let owner = &welcome.owners[usize::from(HuntId::new("rush").unwrap().shard(welcome.shards))];
    let mut direct = connected(SocketAddr::from(([127, 0, 0, 1], owner.port)));
    let mut answers = BTreeMap::new();
    for round in 0..2 {
        for server in [&mut server, &mut direct] {
            for first in (0..PLAYERS).step_by(PER_FRAME) {
                let commands = (first..first + PER_FRAME)
                    .map(|n| claim("rush", n))
                    .collect();
                let id = first as u64;
                server.say(&FromClient::Commands(Commands { id, commands }));
            }
            for _ in 0..PLAYERS / PER_FRAME {
                let (id, replies) = replies(server);
                assert_eq!(replies.len(), PER_FRAME);
                for (number, replied) in (id as usize..).zip(replies) {
                    check_repetition(&mut answers, number, replied, round);
                }
            }
        }
    }
    let granted = answers
        .values()
        .filter(|outcome| matches!(outcome, Outcome::Granted(_)))
        .count();
    assert_eq!(granted as u64, COINS);
    let names: BTreeSet<_> = answers
        .values()
        .filter_map(|outcome| match outcome {
            Outcome::Granted(grant) => Some((grant.shard, grant.seq, grant.place)),
            _ => None,
        })
        .collect();
    assert_eq!(names.len() as u64, COINS, "two grants share a name");
    assert!(engine.stop().success());
    program::verify_clean(&store);
}

/// What was granted is answered the same each time; what was sold out stays so, since nothing is restocked.
fn check_repetition(
    answers: &mut BTreeMap<usize, Outcome>,
    number: usize,
    replied: Replied,
    round: usize,
) {
    assert!(
        matches!(replied.outcome, Outcome::Granted(_) | Outcome::SoldOut),
        "round {round}, {number}: {replied:?}"
    );
    let first = answers
        .entry(number)
        .or_insert_with(|| replied.outcome.clone());
    assert_eq!(*first, replied.outcome, "round {round}, {number}");
}

fn connected(address: SocketAddr) -> GameServer {
    let mut server = GameServer::connect(address);
    server.say(&hello(wire::VERSION, &token(Role::Service, "game")));
    assert!(matches!(server.hear().unwrap(), FromServer::Welcome(_)));
    server
}

fn hello(version: u16, token: &str) -> FromClient {
    FromClient::Hello(Hello {
        version,
        token: token.to_owned(),
        client: "tests".to_owned(),
    })
}

#[test]
fn every_kind_of_command_and_the_feed_of_it() {
    let scratch = Scratch::new("wire-kinds");
    let engine = Engine::start(&scratch.join("store"), ON);
    hunts::put_open(&mut engine.client(), &hunts::coins("kinds", 5));
    let (mut server, _) = GameServer::of(&engine);
    let ada = || PlayerId::new("ada").unwrap();
    let solve = |clue: &str, attempt| Action::Solve {
        player: ada(),
        clue: ClueId::new(clue).unwrap(),
        attempt,
    };
    let pier = Attempt::CheckIn {
        lat: 54.3233,
        lon: 10.1394,
        accuracy_m: 5.0,
    };
    let claim = Action::Claim {
        player: ada(),
        treasure: TreasureId::new("coin").unwrap(),
    };
    let actions = [
        Action::Join { player: ada() },
        solve("riddle", Attempt::Answer("nonsense".to_owned())),
        solve("riddle", Attempt::Answer(hunts::ANSWER.to_owned())),
        solve("crate", Attempt::Scan(hunts::CODE.to_owned())),
        solve("pier", pier),
        claim,
        solve("nowhere", Attempt::Answer("x".to_owned())),
    ];
    for (number, action) in (0..).zip(actions) {
        let commands = vec![command("kinds", &format!("r{number}"), action)];
        server.say(&FromClient::Commands(Commands {
            id: number,
            commands,
        }));
        let (id, replies) = replies(&mut server);
        assert_eq!(id, number);
        let outcome = &replies[0].outcome;
        let expected = match number {
            0 => matches!(outcome, Outcome::Joined { .. }),
            1 => matches!(outcome, Outcome::Wrong { .. }),
            2 => {
                matches!(outcome, Outcome::Solved { points: 10, grants, unlocked, .. } if grants.len() == 1 && unlocked == &["crate"])
            }
            3 => matches!(
                outcome,
                Outcome::Solved {
                    points: 20,
                    score: 30,
                    ..
                }
            ),
            4 => matches!(
                outcome,
                Outcome::Solved {
                    points: 5,
                    score: 35,
                    ..
                }
            ),
            5 => matches!(outcome, Outcome::Granted(grant) if grant.treasure == "coin"),
            _ => matches!(outcome, Outcome::UnknownClue),
        };
        assert!(expected, "{number}: {outcome:?}");
    }
    let events = read_feed(&mut server, 8);
    let kinds: Vec<_> = events.iter().map(|event| kind(&event.happened)).collect();
    assert_eq!(
        kinds,
        [
            "put", "phase", "joined", "missed", "solved", "solved", "solved", "claimed"
        ]
    );
}

fn kind(happened: &wire::Happened) -> &'static str {
    match happened {
        wire::Happened::Put { .. } => "put",
        wire::Happened::Phase(_) => "phase",
        wire::Happened::ClueUnlocked { .. } => "clue unlocked",
        wire::Happened::Restocked { .. } => "restocked",
        wire::Happened::Joined { .. } => "joined",
        wire::Happened::Solved { .. } => "solved",
        wire::Happened::Missed { .. } => "missed",
        wire::Happened::Claimed { .. } => "claimed",
    }
}

/// Reads so many events with a credit of three at a time.
fn read_feed(server: &mut GameServer, count: usize) -> Vec<wire::FeedEvent> {
    server.say(&FromClient::Subscribe(Subscribe {
        id: 77,
        after: Position::default(),
        credit: 3,
    }));
    let mut events = Vec::new();
    while events.len() < count {
        match server.hear().unwrap() {
            FromServer::Events(page) => {
                assert_eq!(page.id, 77);
                assert!(page.events.len() <= 3, "more than the credit");
                let more = page.events.len() as u32;
                events.extend(page.events);
                server.say(&FromClient::Credit(Credit {
                    id: 77,
                    events: more,
                }));
            }
            other => panic!("not events: {other:?}"),
        }
    }
    events
}

#[test]
fn who_may_not_is_told_and_cut_off() {
    let scratch = Scratch::new("wire-refusals");
    let engine = Engine::start(&scratch.join("store"), ON);
    let address = wire_address(&engine);
    let service = token(Role::Service, "game");
    let cases = [
        (hello(2, &service), ErrorCode::Version),
        (hello(1, "nonsense"), ErrorCode::Unauthorized),
        (hello(1, &token(Role::Player, "ada")), ErrorCode::Forbidden),
        (FromClient::Ping, ErrorCode::Unauthorized),
    ];
    for (first, code) in cases {
        let mut server = GameServer::connect(address);
        server.say(&first);
        assert_closed(&mut server, code);
    }
    for bytes in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0; 8],
        &[5, 0, 0, 0, 99, 1, 2, 3, 4],
    ] {
        let mut server = GameServer::connect(address);
        server.send(bytes);
        assert_closed(&mut server, ErrorCode::Malformed);
    }
    // A broken frame of a welcome client is its own fate: the connection goes on.
    let mut server = connected(address);
    server.send(&[5, 0, 0, 0, 2, 42, 0xff, 0xff, 0xff]);
    match server.hear().unwrap() {
        FromServer::Error(failure) => {
            assert_eq!((failure.id, failure.code), (Some(42), ErrorCode::Malformed));
        }
        other => panic!("not an error: {other:?}"),
    }
    server.say(&FromClient::Ping);
    assert!(matches!(server.hear().unwrap(), FromServer::Pong));
    assert!(engine.stop().success());
}

fn assert_closed(server: &mut GameServer, code: ErrorCode) {
    match server.hear().unwrap() {
        FromServer::Error(failure) => assert_eq!((failure.id, failure.code), (None, code)),
        other => panic!("not an error: {other:?}"),
    }
    assert!(server.hear().is_err(), "the connection is still open");
}

#[test]
fn a_stopping_engine_says_so_and_answers_what_is_under_way() {
    let scratch = Scratch::new("wire-stop");
    let store = scratch.join("store");
    let engine = Engine::start(&store, ON);
    hunts::put_open(&mut engine.client(), &hunts::coins("last", 1));
    let (mut server, _) = GameServer::of(&engine);
    let commands = vec![claim("last", 1)];
    server.say(&FromClient::Commands(Commands { id: 1, commands }));
    let (_, replies) = replies(&mut server);
    assert!(matches!(replies[0].outcome, Outcome::Granted(_)));
    assert!(engine.stop().success());
    assert!(matches!(server.hear().unwrap(), FromServer::Draining));
    assert!(server.hear().is_err(), "the connection is still open");
    program::verify_clean(&store);
}
