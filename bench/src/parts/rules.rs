//! The rules and the bytes of what is stored: `hunt`.

use hunt::{
    Action, Attempt, ClueId, Command, Decision, Event, HuntState, Millis, PlayerId, PlayerState,
    RequestId, decide, decode_events, decode_player, encode_events, encode_player,
};

use super::claims::{NOW, claim, claimed, open_hunt};
use super::{Part, Run};

/// Events of one encoded batch.
const BATCH: u64 = 1_000;

pub(super) const PARTS: &[Part] = &[
    Part {
        name: "claim",
        what: "decide a claim of a new player, apply it to hunt and player",
        unit: "claim",
        units: 100_000,
        is_counted: true,
        prepare: claims,
    },
    Part {
        name: "answer",
        what: "decide an answer (normalise, hash, compare), wrong and right by turns, and apply it",
        unit: "solve",
        units: 50_000,
        is_counted: true,
        prepare: answers,
    },
    Part {
        name: "events-encode",
        what: "claims into the bytes of a batch",
        unit: "event",
        units: 200_000,
        is_counted: true,
        prepare: encode,
    },
    Part {
        name: "events-decode",
        what: "claims from the bytes of a batch",
        unit: "event",
        units: 200_000,
        is_counted: true,
        prepare: decode,
    },
    Part {
        name: "row-encode",
        what: "a player's state into the bytes of a row",
        unit: "row",
        units: 100_000,
        is_counted: true,
        prepare: row_encode,
    },
    Part {
        name: "row-decode",
        what: "a player's state from the bytes of a row",
        unit: "row",
        units: 100_000,
        is_counted: true,
        prepare: row_decode,
    },
];

/// Decides a command of a player whose state this is, and takes the event in.
fn carry_out(
    hunt: &mut HuntState,
    player: &mut PlayerState,
    command: &Command,
    now: Millis,
) -> bool {
    let Decision::Event(body) = decide(Some(hunt), Some(player), command, now, 0) else {
        return false;
    };
    let event = Event {
        seq: hunt.seq() + 1,
        at: now,
        hunt: command.hunt.clone(),
        body,
    };
    hunt.apply(&event);
    player.apply(&event);
    true
}

fn claims(units: u64) -> Run {
    let mut hunt = open_hunt(0);
    let commands: Vec<Command> = (0..units)
        .map(|number| Command {
            hunt: hunt.id().clone(),
            ..claim(number)
        })
        .collect();
    Box::new(move || {
        let mut players = vec![PlayerState::default(); commands.len()];
        let mut both = commands.iter().zip(&mut players);
        let all = both.all(|(command, player)| carry_out(&mut hunt, player, command, NOW));
        assert!(all, "every claim of a new player takes effect");
        commands.len() as u64
    })
}

fn answers(units: u64) -> Run {
    let mut hunt = open_hunt(0);
    let command = |number: u64| Command {
        hunt: hunt.id().clone(),
        request: RequestId::new(&format!("r{number}")).expect("a valid id by its form"),
        action: Action::Solve {
            player: PlayerId::new(&format!("p{}", number / 2)).expect("a valid id by its form"),
            clue: ClueId::new("easy").expect("a valid id"),
            attempt: Attempt::Answer(["Wröng!", " Right"][(number % 2) as usize].to_owned()),
        },
    };
    let commands: Vec<Command> = (0..units).map(command).collect();
    Box::new(move || {
        let mut player = PlayerState::default();
        for (command, number) in commands.iter().zip(0..) {
            if number & 1 == 0 {
                player = PlayerState::default();
            }
            let happened = carry_out(&mut hunt, &mut player, command, NOW);
            assert!(happened, "both a guess and a solve take effect");
        }
        commands.len() as u64
    })
}

fn batches(units: u64) -> Vec<Vec<Event>> {
    let starts = (0..units).step_by(BATCH as usize);
    starts
        .map(|first| (first..units.min(first + BATCH)).map(claimed).collect())
        .collect()
}

fn encode(units: u64) -> Run {
    let batches = batches(units);
    Box::new(move || {
        let bytes: usize = batches.iter().map(|batch| encode_events(batch).len()).sum();
        assert!(
            bytes as u64 > 30 * units,
            "a claim takes more than its hashes"
        );
        units
    })
}

fn decode(units: u64) -> Run {
    let batches = batches(units);
    let bytes: Vec<Vec<u8>> = batches.iter().map(|batch| encode_events(batch)).collect();
    Box::new(move || {
        let all = bytes.iter().zip(&batches).map(|(bytes, batch)| {
            let events = decode_events(batch[0].seq, bytes).expect("it was just written");
            events.len() as u64
        });
        all.sum()
    })
}

/// The state of somebody who did one thing, as most did.
fn player(number: u64) -> PlayerState {
    let mut state = PlayerState::default();
    state.apply(&claimed(number));
    state
}

fn row_encode(units: u64) -> Run {
    let players: Vec<PlayerState> = (0..units).map(player).collect();
    Box::new(move || {
        let bytes: usize = players
            .iter()
            .map(|player| encode_player(player).len())
            .sum();
        assert!(bytes > 30 * players.len(), "a row holds its request");
        units
    })
}

fn row_decode(units: u64) -> Run {
    let rows: Vec<Vec<u8>> = (0..units)
        .map(|number| encode_player(&player(number)))
        .collect();
    Box::new(move || {
        let read = rows
            .iter()
            .map(|row| decode_player(row).expect("it was just written"));
        read.filter(|player| player.seq() > 0).count() as u64
    })
}
