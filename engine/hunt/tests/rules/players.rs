//! The state of players: what it says, and how little room it takes.

use hunt::{Event, EventBody, Granted, HuntId, Millis, PlayerId, PlayerState, RequestTag};

use crate::table::Table;

const HARBOUR: &str = include_str!("../../../../examples/harbour-lights.json");

fn event(seq: u64, body: EventBody) -> Event {
    Event {
        seq,
        at: Millis(1_000 + seq),
        hunt: HuntId::new("h").unwrap(),
        body,
    }
}

fn joined(seq: u64) -> Event {
    let request = RequestTag {
        id: seq,
        fingerprint: 1,
    };
    event(
        seq,
        EventBody::Joined {
            player: PlayerId::new("ann").unwrap(),
            request,
        },
    )
}

fn claimed(seq: u64, treasure: u16) -> Event {
    let grant = Granted { treasure, nth: 1 };
    let request = RequestTag {
        id: seq,
        fingerprint: 1,
    };
    event(
        seq,
        EventBody::Claimed {
            player: PlayerId::new("ann").unwrap(),
            grant,
            joined: true,
            request,
        },
    )
}

#[test]
fn is_the_fold_of_its_events() {
    let mut table = Table::with(HARBOUR);
    table.play("open\nann solve pharos =no\nann solve pharos =pharos\nann solve midnight =aurora\nann claim gold-coin");
    let ann = table.player("ann");
    assert_eq!(ann.joined_at(), Some(table.now));
    assert_eq!((ann.score(), ann.seq()), (300, 5));
    assert_eq!(
        ann.solved()
            .map(|solved| (solved.clue, solved.seq))
            .collect::<Vec<_>>(),
        [(0, 4), (3, 5)]
    );
    assert_eq!(
        ann.guesses()
            .map(|guesses| (guesses.clue, guesses.used))
            .collect::<Vec<_>>(),
        [(0, 1)]
    );
    let grants: Vec<_> = ann
        .grants()
        .map(|held| (held.treasure, held.nth, held.seq, held.place))
        .collect();
    assert_eq!(grants, [(0, 1, 4, 1), (2, 1, 5, 1)]);
    assert_eq!(
        ann.requests()
            .map(|request| request.seq)
            .collect::<Vec<_>>(),
        [3, 4, 5]
    );
    let board = ann.board().unwrap();
    assert_eq!((board.score, board.seq), (300, 5));
}

#[test]
fn nobody_yet_is_the_default() {
    let nobody = PlayerState::default();
    assert_eq!(
        (
            nobody.joined_at(),
            nobody.score(),
            nobody.seq(),
            nobody.board()
        ),
        (None, 0, 0, None)
    );
}

#[test]
fn applying_old_events_changes_nothing() {
    let mut ann = PlayerState::default();
    for event in [joined(5), claimed(6, 0)] {
        ann.apply(&event);
    }
    let before = ann.clone();
    for event in [joined(5), claimed(6, 0), claimed(3, 1)] {
        ann.apply(&event);
    }
    assert_eq!(ann, before);
    assert_eq!(ann.joined_at(), Some(Millis(1_005)));
    ann.apply(&event(9, EventBody::ClueUnlocked { clue: 0 }));
    assert_eq!(ann, before);
}

#[test]
fn grants_of_one_event_have_places() {
    let mut ann = PlayerState::default();
    let grants = vec![
        Granted {
            treasure: 4,
            nth: 1,
        },
        Granted {
            treasure: 2,
            nth: 8,
        },
    ];
    let body = EventBody::Solved {
        player: PlayerId::new("ann").unwrap(),
        clue: 0,
        points: 1,
        score: 1,
        joined: true,
        ranked: true,
        unlocked: vec![],
        grants,
        request: RequestTag::default(),
    };
    ann.apply(&claimed(1, 3));
    ann.apply(&event(2, body));
    ann.apply(&claimed(3, 3));
    let places: Vec<_> = ann
        .grants()
        .map(|held| (held.treasure, held.seq, held.place))
        .collect();
    assert_eq!(places, [(3, 1, 1), (4, 2, 1), (2, 2, 2), (3, 3, 1)]);
    assert_eq!(ann.grants_of(3).0, 2);
    assert_eq!(ann.grants_of(2).1.map(|held| held.place), Some(2));
}

#[test]
fn takes_little_memory() {
    let mut table = Table::with(HARBOUR);
    table.play("open\nann solve pharos =pharos");
    let solved = table.player("ann").memory_bytes();
    let mut claimer = PlayerState::default();
    claimer.apply(&claimed(1, 0));
    table.play("bob solve crate #CRATE-7F3A");
    let json = r#"{ "id": "c", "title": "C", "clues": [ { "id": "a", "title": "A", "solve": { "answer": ["a"] } } ],
        "treasures": [ { "id": "t", "title": "T", "award": { "claim": {} } } ] }"#;
    let mut coins = Table::with(json);
    coins.play("open\nann solve a =a\nann claim t");
    let both = coins.player("ann").memory_bytes();
    println!(
        "a player takes {} bytes, with a claim {}, a solve with a grant {solved}, a solve and a claim {both}",
        PlayerState::default().memory_bytes(),
        claimer.memory_bytes(),
    );
    assert!(both < 200, "{both}");
}
