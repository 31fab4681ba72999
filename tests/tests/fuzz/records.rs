//! Stored records: any bytes are read or refused, and what is read can be written, shown and played on with.

use hunt::{
    Audience, Event, EventBody, HuntState, Millis, PlayerState, Reply, decode_events, decode_hunt,
    decode_player, encode_events, encode_hunt, encode_player, event_view, hunt_summary, hunt_view,
    progress, stats,
};
use tests::Random;

use crate::corpus::{self, Game};
use crate::fuzzer::{Outcome, fuzz};
use crate::mutation::Mutator;

/// Varints at their edges, and what looks like ids.
const PIECES: &[&str] = &[
    "\u{1}",
    "\u{0}",
    "\u{3}abc",
    "player-0",
    "coin",
    "\u{40}",
    "\u{7f}\u{7f}\u{7f}\u{7f}",
];

const BYTES: Mutator = Mutator {
    dictionary: PIECES,
    json: false,
};

/// Bytes of a record's checksum.
const CHECKSUM_BYTES: usize = 4;

/// Where the batches begin.
const FIRST_SEQ: u64 = 1 << 40;

/// Makes the checksum right again, mostly: otherwise it would refuse all that comes after it.
fn mend(random: &mut Random, input: &mut Vec<u8>) {
    if input.len() > CHECKSUM_BYTES && random.percent(90) {
        let framed = input.len() - CHECKSUM_BYTES;
        let checksum = crc32c::crc32c(&input[..framed]);
        input.splice(framed.., checksum.to_le_bytes());
    }
}

#[test]
fn batches() {
    let games = corpus::games();
    let mut seeds: Vec<_> = games
        .iter()
        .map(|game| encode_events(&game.events))
        .collect();
    for event in games.iter().flat_map(|game| &game.events) {
        seeds.push(encode_events(std::slice::from_ref(event)));
    }
    fuzz(
        "batches",
        seeds,
        &BYTES,
        mend,
        |input| match decode_events(FIRST_SEQ, input) {
            Err(error) => kind(&error.to_string()),
            Ok(events) => {
                let bytes = encode_events(&events);
                let again = decode_events(FIRST_SEQ, &bytes).expect("what was written can be read");
                assert_eq!(encode_events(&again), bytes, "a round trip changes nothing");
                for game in &games {
                    play_on(game, &events);
                }
                format!(
                    "{} events, {:?}",
                    events.len().min(8),
                    events.first().map(|event| name(&event.body))
                )
            }
        },
    );
}

#[test]
fn hunt_rows() {
    let games = corpus::games();
    let seeds = games.iter().map(|game| encode_hunt(&game.hunt)).collect();
    fuzz(
        "hunt rows",
        seeds,
        &BYTES,
        mend,
        |input| match decode_hunt(input) {
            Err(error) => kind(&error.to_string()),
            Ok(hunt) => {
                let bytes = encode_hunt(&hunt);
                let again = decode_hunt(&bytes).expect("what was written can be read");
                assert_eq!(encode_hunt(&again), bytes, "a round trip changes nothing");
                show(&hunt, &PlayerState::default());
                for game in &games {
                    let mut hunt = hunt.clone();
                    for event in &game.events {
                        hunt.apply(event);
                    }
                    show(&hunt, &game.players[0]);
                }
                format!(
                    "{} clues, {} treasures, {}",
                    hunt.definition().clues().len(),
                    hunt.definition().treasures().len(),
                    hunt.phase()
                )
            }
        },
    );
}

#[test]
fn player_rows() {
    let games = corpus::games();
    let seeds = games
        .iter()
        .flat_map(|game| game.players.iter().map(encode_player))
        .collect();
    fuzz(
        "player rows",
        seeds,
        &BYTES,
        mend,
        |input| match decode_player(input) {
            Err(error) => kind(&error.to_string()),
            Ok(player) => {
                let bytes = encode_player(&player);
                let again = decode_player(&bytes).expect("what was written can be read");
                assert_eq!(encode_player(&again), bytes, "a round trip changes nothing");
                for game in &games {
                    let mut player = player.clone();
                    game.events.iter().for_each(|event| player.apply(event));
                    show(&game.hunt, &player);
                }
                format!(
                    "{} solved, {} held, {} asked",
                    player.solved().len(),
                    player.grants().count().min(8),
                    player.requests().len()
                )
            }
        },
    );
}

/// Events that a decoder let through can be applied to any state, shown and answered with.
fn play_on(game: &Game, events: &[Event]) {
    let (mut hunt, mut player) = (game.hunt.clone(), game.players[0].clone());
    for event in events {
        if let EventBody::Put { .. } = event.body {
            hunt.apply(event);
            hunt = HuntState::created(event);
        }
        hunt.apply(event);
        player.apply(event);
        let view = event_view(event, hunt.definition(), 3);
        serde_json::to_string(&view).expect("an event can be shown");
        let reply = Reply::of(event, hunt.definition(), 3);
        serde_json::to_string(&reply).expect("a reply can be sent");
    }
    show(&hunt, &player);
}

fn show(hunt: &HuntState, player: &PlayerState) {
    serde_json::to_string(&hunt_view(hunt, Some(player), Audience::Player, Millis(1)))
        .expect("a hunt can be shown");
    serde_json::to_string(&hunt_view(hunt, None, Audience::Staff, Millis(u64::MAX)))
        .expect("a hunt can be shown");
    serde_json::to_string(&stats(hunt)).expect("stats can be shown");
    serde_json::to_string(&hunt_summary(hunt)).expect("a summary can be shown");
    serde_json::to_string(&progress(hunt, player, 3)).expect("progress can be shown");
    let _ = (
        hunt.due(Millis(u64::MAX)),
        hunt.next_due(),
        hunt.memory_bytes(),
        player.memory_bytes(),
        player.board(),
    );
}

/// An error without its numbers.
fn kind(error: &str) -> Outcome {
    error
        .chars()
        .filter(|c| !c.is_ascii_digit())
        .take(90)
        .collect()
}

fn name(body: &EventBody) -> String {
    let shown = format!("{body:?}");
    shown.split(' ').next().unwrap_or_default().to_owned()
}
