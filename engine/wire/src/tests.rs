//! Golden frames of every message, and what hostile bytes are answered.

use expect_test::{Expect, expect};
use hunt::{Action, Attempt, ClueId, Command, HuntId, PlayerId, RequestId, TreasureId};

use crate::{
    Commands, Credit, ErrorCode, Events, FRAME_HEAD_BYTES, Failure, FeedEvent, FromClient,
    FromServer, Grant, Happened, Hello, Outcome, Owner, Position, Replied, Replies, Subscribe,
    Welcome, WireError, command_bytes_max, split,
};

fn command(request: &str, action: Action) -> Command {
    Command {
        hunt: HuntId::new("lights").expect("an id"),
        request: RequestId::new(request).expect("an id"),
        action,
    }
}

fn player() -> PlayerId {
    PlayerId::new("ada").expect("an id")
}

fn solve(attempt: Attempt) -> Action {
    Action::Solve {
        player: player(),
        clue: ClueId::new("gate").expect("an id"),
        attempt,
    }
}

fn commands() -> FromClient {
    let treasure = TreasureId::new("coin").expect("an id");
    let check_in = Attempt::CheckIn {
        lat: 1.5,
        lon: -2.0,
        accuracy_m: 10.0,
    };
    let actions = [
        Action::Join { player: player() },
        solve(Attempt::Answer("a".to_owned())),
        solve(check_in),
        solve(Attempt::Scan("c".to_owned())),
        Action::Claim {
            player: player(),
            treasure,
        },
    ];
    let commands = actions
        .into_iter()
        .zip(1..)
        .map(|(action, n)| command(&format!("r{n}"), action))
        .collect();
    FromClient::Commands(Commands { id: 7, commands })
}

fn frame_of(append: impl FnOnce(&mut Vec<u8>) -> Result<(), WireError>) -> Vec<u8> {
    let mut bytes = Vec::new();
    append(&mut bytes).expect("it can be written");
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn decode_client(bytes: &[u8]) -> Result<FromClient, WireError> {
    let (frame, used) = split(bytes)?.expect("complete");
    assert_eq!(used, bytes.len());
    FromClient::decode(frame)
}

fn client(message: &FromClient, golden: &Expect) {
    let bytes = frame_of(|buffer| message.append(buffer));
    golden.assert_eq(&hex(&bytes));
    let decoded = decode_client(&bytes).expect("what was written can be read");
    assert_eq!(frame_of(|buffer| decoded.append(buffer)), bytes);
}

fn server(message: &FromServer, golden: &Expect) {
    let bytes = frame_of(|buffer| message.append(buffer));
    golden.assert_eq(&hex(&bytes));
    let (frame, _) = split(&bytes).expect("valid").expect("complete");
    assert_eq!(FromServer::decode(frame).as_ref(), Ok(message));
}

#[test]
fn what_clients_send_keeps_its_bytes() {
    let hello = Hello {
        version: 1,
        token: "t".to_owned(),
        client: "c/1".to_owned(),
    };
    client(
        &FromClient::Hello(hello),
        &expect!["080000000101017403632f31"],
    );
    client(
        &commands(),
        &expect![
            "62000000020703066c6967687473046761746504636f696e0500036164610272310000036164610272320101016100036164610272330201000000000000f83f00000000000000c0000000000000244000036164610272340301016300036164610272350402"
        ],
    );
    let after = Position {
        versionstamp: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        events: 300,
    };
    let subscribe = Subscribe {
        id: 9,
        after,
        credit: 100_000,
    };
    client(
        &FromClient::Subscribe(subscribe),
        &expect!["1400000003090102030405060708090afb2c01fca0860100"],
    );
    client(
        &FromClient::Credit(Credit { id: 9, events: 5 }),
        &expect!["03000000040905"],
    );
    client(&FromClient::Ping, &expect!["0100000005"]);
    client(&FromClient::AskOwners, &expect!["0100000006"]);
}

fn grant() -> Grant {
    Grant {
        treasure: "coin".to_owned(),
        shard: 63,
        seq: 1_000,
        place: 1,
        at: 1_796_148_000_000,
    }
}

fn every_outcome() -> Vec<Outcome> {
    vec![
        Outcome::Granted(grant()),
        Outcome::AlreadyGranted(grant()),
        Outcome::SoldOut,
        Outcome::NotEligible {
            missing: vec!["gate".to_owned()],
        },
        Outcome::Solved {
            points: 100,
            score: 250,
            unlocked: vec!["well".to_owned()],
            grants: vec![grant()],
        },
        Outcome::Wrong {
            guesses_left: Some(2),
        },
        Outcome::AlreadySolved { at: 1 },
        Outcome::Locked,
        Outcome::OutOfGuesses,
        Outcome::TooSoon { retry_after_ms: 3 },
        Outcome::Joined { at: 4 },
        Outcome::AlreadyJoined { at: 5 },
        Outcome::UnknownHunt,
        Outcome::UnknownClue,
        Outcome::UnknownTreasure,
        Outcome::WrongPhase {
            detail: "w".to_owned(),
        },
        Outcome::Mismatch {
            detail: "m".to_owned(),
        },
        Outcome::KeyReused,
        Outcome::Failed {
            code: ErrorCode::NotReady,
            retry_after_ms: 200,
        },
    ]
}

#[test]
fn what_the_engine_sends_keeps_its_bytes() {
    let welcome = Welcome {
        version: 1,
        engine: "0.1.0".to_owned(),
        core: 1,
        shards: 2,
        owners: vec![
            Owner {
                host: String::new(),
                port: 7_118,
            },
            Owner {
                host: "b".to_owned(),
                port: 7_119,
            },
        ],
        commands_under_way_max: 65_536,
        idle_ms: 75_000,
    };
    server(
        &FromServer::Welcome(welcome),
        &expect!["1e000000810105302e312e3001020200fbce1b0162fbcf1bfc00000100fcf8240100"],
    );
    let replies = every_outcome()
        .into_iter()
        .map(|outcome| Replied {
            replayed: false,
            outcome,
        })
        .collect();
    server(
        &FromServer::Replies(Replies { id: 7, replies }),
        &expect![
            "7d000000820713000004636f696e3ffbe80301fd0075c332a2010000000104636f696e3ffbe80301fd0075c332a201000000020003010467617465000464fa010477656c6c0104636f696e3ffbe80301fd0075c332a20100000005010200060100070008000903000a04000b05000c000d000e000f01770010016d0011001205c8"
        ],
    );
    let failure = Failure {
        id: None,
        code: ErrorCode::Version,
        retry_after_ms: 0,
        detail: "d".to_owned(),
    };
    server(
        &FromServer::Error(failure),
        &expect!["06000000840001000164"],
    );
    server(&FromServer::Pong, &expect!["0100000085"]);
    server(&FromServer::Draining, &expect!["0100000086"]);
    let owner = Owner {
        host: "b".to_owned(),
        port: 7_119,
    };
    server(
        &FromServer::Owners(vec![owner]),
        &expect!["0700000087010162fbcf1b"],
    );
}

#[test]
fn the_feed_keeps_its_bytes() {
    let name = str::to_owned;
    let happened = [
        Happened::Put { created: true },
        Happened::Phase(name("open")),
        Happened::ClueUnlocked { clue: name("gate") },
        Happened::Restocked {
            treasure: name("coin"),
            add: 1,
            stock_left: 2,
        },
        Happened::Joined { player: name("a") },
        Happened::Solved {
            player: name("a"),
            clue: name("gate"),
            points: 3,
            score: 4,
            treasures: vec![name("coin")],
        },
        Happened::Missed {
            player: name("a"),
            clue: name("gate"),
        },
        Happened::Claimed {
            player: name("a"),
            treasure: name("coin"),
        },
    ];
    let events = happened
        .into_iter()
        .zip(1..)
        .map(|(happened, seq)| FeedEvent {
            shard: 0,
            seq,
            at: 9,
            hunt: name("h"),
            happened,
        })
        .collect();
    let position = Position::default();
    let events = Events {
        id: 1,
        position,
        events,
    };
    server(
        &FromServer::Events(events),
        &expect![
            "6f000000830100000000000000000000000800010901680001000209016801046f70656e000309016802046761746500040901680304636f696e010200050901680401610006090168050161046761746503040104636f696e00070901680601610467617465000809016807016104636f696e"
        ],
    );
}

#[test]
fn commands_come_back_as_they_were_sent() {
    let FromClient::Commands(sent) = commands() else {
        unreachable!("these are commands");
    };
    let bytes = frame_of(|buffer| commands().append(buffer));
    let Ok(FromClient::Commands(came)) = decode_client(&bytes) else {
        panic!("not read as commands");
    };
    assert_eq!(came.id, sent.id);
    for (came, sent) in came.commands.iter().zip(&sent.commands) {
        assert_eq!((&came.hunt, &came.request), (&sent.hunt, &sent.request));
        assert_eq!(came.action.player(), sent.action.player());
    }
    let attempts = came
        .commands
        .iter()
        .filter_map(|command| match &command.action {
            Action::Solve { attempt, .. } => Some(attempt.clone()),
            _ => None,
        });
    let expected = [
        Attempt::Answer("a".to_owned()),
        Attempt::CheckIn {
            lat: 1.5,
            lon: -2.0,
            accuracy_m: 10.0,
        },
        Attempt::Scan("c".to_owned()),
    ];
    assert!(attempts.eq(expected));
}

#[test]
fn bytes_cut_off_or_changed_anywhere_are_an_error_or_another_message_but_never_a_panic() {
    let bytes = frame_of(|buffer| commands().append(buffer));
    for at in 0..bytes.len() {
        for change in [1, 0x40, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] ^= change;
            if let Ok(Some((frame, _))) = split(&changed) {
                // Whatever it decodes to, it ends.
                let _ = FromClient::decode(frame);
                let _ = FromServer::decode(frame);
            }
        }
        let body = &bytes[5..at.max(5)];
        let frame = crate::Frame {
            kind: crate::Kind::Commands,
            body,
        };
        assert!(FromClient::decode(frame).is_err(), "cut to {at} bytes");
    }
}

#[test]
fn a_count_that_the_bytes_can_not_hold_is_refused_before_memory_is_asked_for() {
    // id 0, 4,000,000,000 names.
    let body = [0, 252, 0x00, 0x28, 0x6b, 0xee];
    let frame = crate::Frame {
        kind: crate::Kind::Commands,
        body: &body,
    };
    let error = FromClient::decode(frame).expect_err("hostile");
    assert!(error.to_string().contains("4000000000 names"), "{error}");
}

#[test]
fn a_command_that_names_nothing_is_named_itself_and_so_is_its_frame() {
    // id 7, one name, one command whose hunt is name 1.
    let body = [7, 1, 1, b'h', 1, 1, 1, b'p', 1, b'r', 0];
    let frame = crate::Frame {
        kind: crate::Kind::Commands,
        body: &body,
    };
    let error = FromClient::decode(frame).expect_err("out of range");
    assert_eq!(
        error.to_string(),
        "command 0 of the frame: the hunt is name 1 of 1"
    );
    assert_eq!(FromClient::id_of_broken(frame), Some(7));
}

#[test]
fn positions_on_earth_only() {
    for lat in [f64::NAN, f64::INFINITY, 90.5] {
        let attempt = Attempt::CheckIn {
            lat,
            lon: 0.0,
            accuracy_m: 1.0,
        };
        let message = FromClient::Commands(Commands {
            id: 1,
            commands: vec![command("r", solve(attempt))],
        });
        let bytes = frame_of(|buffer| message.append(buffer));
        let error = decode_client(&bytes).expect_err("not on earth");
        assert!(error.to_string().contains("lat is -90 to 90"), "{error}");
    }
}

#[test]
fn what_operators_do_is_not_sent() {
    let message = FromClient::Commands(Commands {
        id: 1,
        commands: vec![command("r", Action::Open)],
    });
    let mut buffer = vec![1];
    let error = message.append(&mut buffer).expect_err("not a player's");
    assert!(error.to_string().contains("use the HTTP API"), "{error}");
    assert_eq!(buffer, [1]);
}

#[test]
fn no_command_takes_more_than_it_may() {
    let FromClient::Commands(frame) = commands() else {
        unreachable!("these are commands");
    };
    let longest = "x".repeat(64);
    let long = Command {
        hunt: HuntId::new(&longest).expect("an id"),
        request: RequestId::new(&longest).expect("an id"),
        action: Action::Solve {
            player: PlayerId::new(&longest).expect("an id"),
            clue: ClueId::new(&longest).expect("an id"),
            attempt: Attempt::Scan("y".repeat(70_000)),
        },
    };
    for command in frame.commands.into_iter().chain([long]) {
        let max = command_bytes_max(&command).expect("it can be sent");
        let bytes =
            frame_of(|buffer| Commands::append_all(buffer, u64::MAX, std::iter::once(&command)));
        // Head, id and two counts are the frame's.
        assert!(
            bytes.len() <= FRAME_HEAD_BYTES + 9 + 9 + 9 + max,
            "{command:?}"
        );
    }
    let nowhere = solve(Attempt::CheckIn {
        lat: 91.0,
        lon: 0.0,
        accuracy_m: 1.0,
    });
    for action in [Action::Open, nowhere] {
        assert!(command_bytes_max(&command("r", action)).is_err());
    }
}

#[test]
fn a_side_is_not_sent_its_own_frames() {
    let bytes = frame_of(|buffer| FromServer::Pong.append(buffer));
    assert!(matches!(decode_client(&bytes), Err(WireError::WrongSide)));
}

#[test]
fn a_token_is_not_shown() {
    let hello = Hello {
        version: 1,
        token: "secret".to_owned(),
        client: "c".to_owned(),
    };
    assert!(!format!("{hello:?}").contains("secret"));
}
