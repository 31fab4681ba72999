//! Records that were tampered with: a right checksum over wrong bytes. Readers answer, and what they accept is safe to
//! decide on and to apply to.

use hunt::{
    Event, HuntState, PlayerState, decode_events, decode_hunt, decode_player, encode_events,
    encode_hunt, encode_player,
};

use crate::{codec::played, seeded::Seeded, table::Table};

const ROUNDS: usize = 4_000;

/// Changes some bytes between head and checksum, and makes the checksum right again.
fn tamper(seeded: &mut Seeded, record: &[u8]) -> Vec<u8> {
    let mut bytes = record[..record.len() - 4].to_vec();
    for _ in 0..=seeded.below(3) {
        let at = 2 + seeded.below(bytes.len() - 2);
        match seeded.below(5) {
            0 => bytes[at] ^= 1 << seeded.below(8),
            1 => bytes[at] = *seeded.pick(&[0, 1, 250, 251, 252, 253, 254, 255]),
            2 => bytes.truncate(at.max(3)),
            3 => bytes.insert(at, seeded.next() as u8),
            _ => drop(bytes.splice(
                at..(at + 9).min(bytes.len()),
                [253, 255, 255, 255, 255, 255, 255, 255, 127],
            )),
        }
    }
    let checksum = crc32c::crc32c(&bytes);
    bytes.extend(checksum.to_le_bytes());
    bytes
}

/// Plays on, whatever the states are.
fn play_on(hunt: &HuntState, player: &PlayerState, log: &[Event]) {
    let mut table = Table::empty();
    table.hunt = Some(hunt.clone());
    table
        .players
        .insert(hunt::PlayerId::new("ann").unwrap(), player.clone());
    table.log = log.to_vec();
    for clue in hunt.definition().clues().iter().take(8) {
        for with in ["=aurora", "#CRATE-7F3A", "@54.3233,10.1394,5"] {
            decide_only(&mut table, &format!("ann solve {} {with}", clue.id));
        }
    }
    for treasure in hunt.definition().treasures().iter().take(8) {
        decide_only(&mut table, &format!("ann claim {}", treasure.id));
        decide_only(&mut table, &format!("restock {} 1", treasure.id));
    }
    for _ in 0..20 {
        let Some(body) = table.state().due(hunt::Millis(u64::MAX)) else {
            break;
        };
        let event = Event {
            seq: table.state().seq().saturating_add(1),
            at: table.now,
            hunt: hunt.id().clone(),
            body,
        };
        table.hunt.as_mut().unwrap().apply(&event);
    }
    hunt::hunt_view(hunt, Some(player), hunt::Audience::Staff, table.now);
    hunt::stats(hunt);
    hunt::progress(hunt, player, 1);
    player.board();
}

fn decide_only(table: &mut Table, line: &str) {
    let hunt = table.state().id().clone();
    let request = hunt::RequestId::new("tampered").unwrap();
    let command = hunt::Command {
        hunt,
        request,
        action: crate::table::action(line),
    };
    if let hunt::Decision::Event(body) = table.decide(&command) {
        let event = Event {
            seq: u64::MAX,
            at: table.now,
            hunt: command.hunt,
            body,
        };
        table.state().clone().apply(&event);
        table.player("ann").apply(&event);
        hunt::Reply::of(&event, table.state().definition(), 1);
        hunt::event_view(&event, table.state().definition(), 1);
    }
}

#[test]
fn tampered_hunts_are_refused_or_safe() {
    let (table, mut seeded) = (played(), Seeded(11));
    let (record, ann) = (encode_hunt(table.state()), table.player("ann"));
    let accepted = (0..ROUNDS).filter_map(|_| decode_hunt(&tamper(&mut seeded, &record)).ok());
    let accepted = accepted
        .map(|hunt| play_on(&hunt, &ann, &table.log))
        .count();
    assert!((1..ROUNDS).contains(&accepted), "{accepted}");
}

#[test]
fn tampered_players_are_refused_or_safe() {
    let (table, mut seeded) = (played(), Seeded(12));
    let record = encode_player(&table.player("ann"));
    let accepted = (0..ROUNDS).filter_map(|_| decode_player(&tamper(&mut seeded, &record)).ok());
    let accepted = accepted
        .map(|player| play_on(table.state(), &player, &table.log))
        .count();
    assert!((1..ROUNDS).contains(&accepted), "{accepted}");
}

#[test]
fn tampered_events_are_refused_or_safe() {
    let (table, mut seeded) = (played(), Seeded(13));
    let record = encode_events(&table.log);
    let mut accepted = 0;
    for _ in 0..ROUNDS {
        let Ok(events) = decode_events(u64::MAX - 100, &tamper(&mut seeded, &record)) else {
            continue;
        };
        accepted += 1;
        let (mut hunt, mut ann) = (table.state().clone(), table.player("ann"));
        for event in &events {
            hunt.apply(event);
            ann.apply(event);
            hunt::Reply::of(event, hunt.definition(), 1);
            hunt::event_view(event, hunt.definition(), 1);
        }
        play_on(&hunt, &ann, &table.log);
    }
    assert!((1..ROUNDS).contains(&accepted), "{accepted}");
}

#[test]
fn random_bytes_are_refused() {
    let mut seeded = Seeded(14);
    for _ in 0..ROUNDS {
        let bytes: Vec<u8> = (0..seeded.below(200))
            .map(|_| seeded.next() as u8)
            .collect();
        assert!(decode_hunt(&bytes).is_err());
        assert!(decode_player(&bytes).is_err());
        assert!(decode_events(1, &bytes).is_err());
    }
}
