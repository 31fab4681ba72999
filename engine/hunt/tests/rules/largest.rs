//! The largest hunt that the limits allow, and a player who did all of it.

use hunt::{
    Action, Attempt, ClueId, Command, Event, EventBody, Granted, HuntId, Millis, PlayerId,
    PlayerState, RequestId, RequestTag, decode_events, decode_hunt, decode_player, encode_events,
    encode_hunt, encode_player, limits,
};

use crate::table::Table;

/// As many clues as there may be, each after the one before; as many treasures, and the text fills the definition.
fn largest() -> String {
    let text = "x".repeat(250);
    let clue = |n: usize| {
        let unlock = match n {
            0 => "\"open\"".to_owned(),
            _ => format!(r#"{{ "any": 1, "of": ["c0", "c{}"] }}"#, n - 1)
                .replace("[\"c0\", \"c0\"]", "[\"c0\"]"),
        };
        format!(
            r#"{{ "id": "c{n}", "title": "C", "text": "{text}", "points": 1, "solve": {{ "answer": ["a{n}"] }},
                "unlock": {unlock}, "grants": ["t{n}"] }}"#
        )
    };
    let treasure = |n: usize| format!(r#"{{ "id": "t{n}", "title": "T", "award": "on_solve" }}"#);
    let clues: Vec<String> = (0..limits::CLUES_MAX).map(clue).collect();
    let treasures: Vec<String> = (0..limits::TREASURES_MAX).map(treasure).collect();
    let (clues, treasures) = (clues.join(","), treasures.join(","));
    format!(
        r#"{{ "id": "largest", "title": "L", "clues": [{clues}], "treasures": [{treasures}] }}"#
    )
}

#[test]
fn the_largest_definition_is_stored_and_read() {
    let json = largest();
    assert!(
        (limits::DEFINITION_BYTES_MAX * 9 / 10..=limits::DEFINITION_BYTES_MAX)
            .contains(&json.len())
    );
    let table = Table::with(&json);
    assert_eq!(
        &decode_hunt(&encode_hunt(table.state())).unwrap(),
        table.state()
    );
    assert_eq!(
        decode_events(1, &encode_events(&table.log)).unwrap(),
        table.log
    );
    let definition = table.state().definition();
    for n in 0..limits::CLUES_MAX {
        let index = definition.clue_index(&ClueId::new(&format!("c{n}")).unwrap());
        assert_eq!(index, Some(n as u16));
    }
    assert_eq!(definition.clue_index(&ClueId::new("c1000").unwrap()), None);
}

#[test]
fn it_can_be_solved_to_the_end() {
    let mut table = Table::with(&largest());
    table.play("open");
    for n in 0..limits::CLUES_MAX {
        table.play(&format!("ann solve c{n} =a{n}"));
    }
    let ann = table.player("ann");
    assert_eq!((ann.score(), ann.grants().count()), (1_000, 1_000));
    assert_eq!(decode_player(&encode_player(&ann)).unwrap(), ann);
    // The first solve unlocks every other clue.
    let EventBody::Solved { unlocked, .. } = &table.log[2].body else {
        panic!("{:?}", table.log[2])
    };
    assert_eq!(unlocked.len(), 999);
}

#[test]
fn a_player_who_did_everything_fits_in_one_row() {
    let mut ann = PlayerState::default();
    let player = PlayerId::new("ann").unwrap();
    let mut seq = u64::MAX - 10_000;
    let mut apply = |body| {
        seq += 1;
        ann.apply(&Event {
            seq,
            at: Millis(u64::MAX - 1),
            hunt: HuntId::new("h").unwrap(),
            body,
        });
    };
    let request = RequestTag {
        id: u64::MAX,
        fingerprint: u64::MAX,
    };
    for clue in 0..limits::CLUES_MAX as u16 {
        let (player, guesses_left) = (player.clone(), None);
        apply(EventBody::Missed {
            player: player.clone(),
            clue,
            guesses_left,
            joined: true,
            request,
        });
        apply(EventBody::Solved {
            player,
            clue,
            points: limits::POINTS_MAX,
            score: u64::MAX,
            joined: false,
            ranked: true,
            unlocked: vec![],
            grants: vec![],
            request,
        });
    }
    for n in 0..limits::GRANTS_PER_PLAYER_MAX {
        let grant = Granted {
            treasure: 999,
            nth: u64::MAX - n,
        };
        apply(EventBody::Claimed {
            player: player.clone(),
            grant,
            joined: false,
            request,
        });
    }
    let row = encode_player(&ann);
    assert!(row.len() <= limits::PLAYER_ROW_BYTES_MAX, "{}", row.len());
    assert_eq!(decode_player(&row).unwrap(), ann);
}

#[test]
fn an_answer_that_is_tried_is_in_no_debug_output() {
    let attempts = [
        Attempt::Answer("xyzzy".to_owned()),
        Attempt::Scan("xyzzy".to_owned()),
        Attempt::CheckIn {
            lat: 54.3233,
            lon: 10.1394,
            accuracy_m: 5.0,
        },
    ];
    for attempt in attempts {
        let action = Action::Solve {
            player: PlayerId::new("ann").unwrap(),
            clue: ClueId::new("a").unwrap(),
            attempt,
        };
        let command = Command {
            hunt: HuntId::new("h").unwrap(),
            request: RequestId::new("1").unwrap(),
            action,
        };
        let shown = format!("{command:?}");
        assert!(
            !shown.contains("xyzzy") && !shown.contains("54.3"),
            "{shown}"
        );
    }
}
