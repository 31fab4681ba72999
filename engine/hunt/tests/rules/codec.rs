//! The bytes of records: they never change, and say so if they were changed.

use expect_test::{ExpectFile, expect_file};
use hunt::{
    DecodeError, Event, EventBody, Granted, HuntId, Millis, PlayerId, RequestTag, decode_events,
    decode_hunt, decode_player, encode_events, encode_hunt, encode_player,
};

use crate::table::Table;

const HARBOUR: &str = include_str!("../../../../examples/harbour-lights.json");

/// A hunt that was played until every kind of event, and every branch of a row, was there.
pub(crate) fn played() -> Table {
    let timed = HARBOUR.replace("2024-12-10T23:00:00Z", "2027-01-15T08:00:01Z").replace(
        "\"guesses\"",
        "\"opens_at\": \"2027-01-15T08:00:00.500Z\", \"freezes_at\": \"2030-01-01T00:00:00Z\", \"guesses\"",
    );
    let mut table = Table::with(&timed);
    table.play("bob join\nrestock gold-coin 5\nwait 2000");
    table.put(&timed.replace("\"Harbour Lights\"", "\"Harbour Lights II\""));
    table.play(
        "ann solve pharos =wrong
         ann solve pharos =pharos
         ann solve pier @54.3233,10.1394,5
         ann solve crate #CRATE-7F3A
         ann claim gold-coin
         bob solve midnight =aurora
         freeze
         bob solve pharos =pharos",
    );
    table
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits
        .chunks(2)
        .map(|pair| (pair[0] * 16 + pair[1]) as u8)
        .collect()
}

/// The bytes are those of the golden file; and the file's, as they were written once, can be read.
fn check_golden(bytes: &[u8], golden: ExpectFile, path: &str) -> Vec<u8> {
    let lines: Vec<String> = bytes
        .chunks(32)
        .map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect())
        .collect();
    golden.assert_eq(&(lines.join("\n") + "\n"));
    unhex(
        &std::fs::read_to_string(format!(
            "{}/tests/golden/{path}",
            env!("CARGO_MANIFEST_DIR")
        ))
        .unwrap(),
    )
}

#[test]
fn events_have_their_golden_bytes() {
    let log = played().log;
    let bytes = encode_events(&log);
    let written = check_golden(
        &bytes,
        expect_file!["../golden/events-v1.hex"],
        "events-v1.hex",
    );
    assert_eq!(decode_events(1, &written).unwrap(), log);
}

#[test]
fn hunts_have_their_golden_bytes() {
    let table = played();
    let bytes = encode_hunt(table.state());
    let written = check_golden(&bytes, expect_file!["../golden/hunt-v1.hex"], "hunt-v1.hex");
    assert_eq!(&decode_hunt(&written).unwrap(), table.state());
}

#[test]
fn players_have_their_golden_bytes() {
    let ann = played().player("ann");
    let written = check_golden(
        &encode_player(&ann),
        expect_file!["../golden/player-v1.hex"],
        "player-v1.hex",
    );
    assert_eq!(decode_player(&written).unwrap(), ann);
}

#[test]
fn every_kind_of_event_is_in_the_golden_file() {
    let kinds: std::collections::BTreeSet<String> = played()
        .log
        .iter()
        .map(|event| {
            format!("{:?}", event.body)
                .split([' ', '{'])
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .collect();
    let expected = [
        "Claimed",
        "ClueUnlocked",
        "Joined",
        "Missed",
        "PhaseChanged",
        "Put",
        "Restocked",
        "Solved",
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn batches_keep_hunts_and_times() {
    let request = RequestTag {
        id: u64::MAX,
        fingerprint: 0,
    };
    let player = PlayerId::new("!").unwrap();
    let events: Vec<Event> = (0..5_u64)
        .map(|n| Event {
            seq: 10 + n,
            at: Millis([5, u64::MAX, 0, 7, 7][n as usize]),
            hunt: HuntId::new(["a", "b", "a", "c", "b"][n as usize]).unwrap(),
            body: EventBody::Joined {
                player: player.clone(),
                request,
            },
        })
        .collect();
    assert_eq!(decode_events(10, &encode_events(&events)).unwrap(), events);
    assert_eq!(decode_events(1, &encode_events(&[])).unwrap(), []);
}

#[test]
fn a_claim_takes_few_bytes() {
    let events: Vec<Event> = (0..500_u64)
        .map(|n| Event {
            seq: 1 + n,
            at: Millis(1_800_000_000_000 + n / 50),
            hunt: HuntId::new(["harbour-lights", "roman-holiday"][(n % 2) as usize]).unwrap(),
            body: EventBody::Claimed {
                // As long as a UUID.
                player: PlayerId::new(&format!("00000000-0000-4000-8000-{n:012}")).unwrap(),
                grant: Granted {
                    treasure: 1,
                    nth: 70_000 + n,
                },
                joined: true,
                request: RequestTag {
                    id: n.wrapping_mul(0x9e37_79b9_7f4a_7c15),
                    fingerprint: !n,
                },
            },
        })
        .collect();
    let bytes = encode_events(&events).len() as f64 / 500.0;
    println!("a claim takes {bytes:.1} bytes in a batch of 500");
    assert!(bytes <= 70.0, "{bytes}");
}

#[test]
fn says_what_is_wrong_with_a_record() {
    let table = played();
    let bytes = encode_hunt(table.state());
    let cut = |len: usize| decode_hunt(&bytes[..len]).unwrap_err();
    assert_eq!(cut(0), DecodeError::CutOff { bytes: 0 });
    assert_eq!(cut(5), DecodeError::CutOff { bytes: 5 });
    assert_eq!(cut(bytes.len() - 1), DecodeError::Checksum);
    let mut newer = bytes.clone();
    newer[0] = 9;
    assert_eq!(
        decode_hunt(&newer).unwrap_err(),
        DecodeError::Version { found: 9 }
    );
    let mut flipped = bytes.clone();
    flipped[40] ^= 1;
    assert_eq!(decode_hunt(&flipped).unwrap_err(), DecodeError::Checksum);
    let player = encode_player(&table.player("ann"));
    assert_eq!(
        decode_hunt(&player).unwrap_err(),
        DecodeError::Kind {
            found: 3,
            expected: 2
        }
    );
    assert_eq!(
        decode_player(&bytes).unwrap_err(),
        DecodeError::Kind {
            found: 2,
            expected: 3
        }
    );
}

#[test]
#[should_panic(expected = "consecutive")]
fn a_batch_without_a_sequence_number_is_not_written() {
    let mut log = played().log;
    log.remove(2);
    encode_events(&log);
}
