//! The binary protocol's bytes, on both sides: `wire`.

use hunt::Command;
use wire::{
    COMMANDS_PER_FRAME_MAX, Commands, FeedEvent, FromClient, FromServer, Grant, Happened, Outcome,
    Replied, Replies, split,
};

use super::claims::{NOW, claim};
use super::{Part, Run};

pub(super) const PARTS: &[Part] = &[
    Part {
        name: "commands-encode",
        what: "claims into frames of 8,190 (client)",
        unit: "claim",
        units: 200_000,
        is_counted: true,
        prepare: encode_commands,
    },
    Part {
        name: "commands-decode",
        what: "claims from frames of 8,190 (engine)",
        unit: "claim",
        units: 200_000,
        is_counted: true,
        prepare: decode_commands,
    },
    Part {
        name: "command-decode",
        what: "a claim from a frame of its own (engine)",
        unit: "claim",
        units: 100_000,
        is_counted: true,
        prepare: decode_single_commands,
    },
    Part {
        name: "replies-encode",
        what: "grants into frames of 8,190 (engine)",
        unit: "reply",
        units: 200_000,
        is_counted: true,
        prepare: encode_replies,
    },
    Part {
        name: "replies-decode",
        what: "grants from frames of 8,190 (client)",
        unit: "reply",
        units: 200_000,
        is_counted: true,
        prepare: decode_replies,
    },
    Part {
        name: "feed-encode",
        what: "claims into the feed's frames of 4,096 (engine)",
        unit: "event",
        units: 200_000,
        is_counted: true,
        prepare: encode_feed,
    },
];

/// Events of one frame of the feed, as the engine sends them.
const FEED_EVENTS: u64 = 4_096;

fn frames(units: u64, per_frame: u64) -> Vec<FromClient> {
    let starts = (0..units).step_by(per_frame as usize);
    let commands = |first: u64| (first..units.min(first + per_frame)).map(claim);
    starts
        .map(|first| {
            FromClient::Commands(Commands {
                id: first,
                commands: commands(first).collect::<Vec<Command>>(),
            })
        })
        .collect()
}

fn bytes_of(append: impl FnOnce(&mut Vec<u8>) -> Result<(), wire::WireError>) -> Vec<u8> {
    let mut bytes = Vec::new();
    append(&mut bytes).expect("it fits a frame");
    bytes
}

fn encode_commands(units: u64) -> Run {
    let frames = frames(units, COMMANDS_PER_FRAME_MAX as u64);
    Box::new(move || {
        let mut output = Vec::new();
        for frame in &frames {
            output.clear();
            frame.append(&mut output).expect("it fits a frame");
        }
        assert!(!output.is_empty(), "something was written");
        units
    })
}

fn decode_commands(units: u64) -> Run {
    decode(frames(units, COMMANDS_PER_FRAME_MAX as u64))
}

fn decode_single_commands(units: u64) -> Run {
    decode(frames(units, 1))
}

fn decode(frames: Vec<FromClient>) -> Run {
    let frames: Vec<Vec<u8>> = frames
        .iter()
        .map(|frame| bytes_of(|bytes| frame.append(bytes)))
        .collect();
    Box::new(move || {
        let mut count = 0;
        for bytes in &frames {
            let (frame, _) = split(bytes).expect("valid").expect("whole");
            match FromClient::decode(frame).expect("it was just written") {
                FromClient::Commands(commands) => count += commands.commands.len() as u64,
                _ => unreachable!("these are commands"),
            }
        }
        count
    })
}

fn replies(units: u64) -> Vec<FromServer> {
    let granted = |seq| Replied {
        replayed: false,
        outcome: Outcome::Granted(Grant {
            treasure: format!("t-{}", seq % 125),
            shard: 7,
            seq,
            place: 1,
            at: NOW.0,
        }),
    };
    let starts = (0..units).step_by(COMMANDS_PER_FRAME_MAX);
    starts
        .map(|first| {
            FromServer::Replies(Replies {
                id: first,
                replies: (first..units.min(first + COMMANDS_PER_FRAME_MAX as u64))
                    .map(granted)
                    .collect(),
            })
        })
        .collect()
}

fn encode_replies(units: u64) -> Run {
    encode(replies(units), units)
}

fn encode(messages: Vec<FromServer>, units: u64) -> Run {
    Box::new(move || {
        let mut output = Vec::new();
        for message in &messages {
            output.clear();
            message.append(&mut output).expect("it fits a frame");
        }
        assert!(!output.is_empty(), "something was written");
        units
    })
}

fn decode_replies(units: u64) -> Run {
    let frames: Vec<Vec<u8>> = replies(units)
        .iter()
        .map(|message| bytes_of(|bytes| message.append(bytes)))
        .collect();
    Box::new(move || {
        let mut count = 0;
        for bytes in &frames {
            let (frame, _) = split(bytes).expect("valid").expect("whole");
            match FromServer::decode(frame).expect("it was just written") {
                FromServer::Replies(replies) => count += replies.replies.len() as u64,
                _ => unreachable!("these are replies"),
            }
        }
        count
    })
}

fn encode_feed(units: u64) -> Run {
    let event = |seq: u64| {
        let command = claim(seq);
        FeedEvent {
            shard: 7,
            seq,
            at: NOW.0,
            hunt: command.hunt.as_str().to_owned(),
            happened: Happened::Claimed {
                player: format!("m1x0q5zk-0-{seq}"),
                treasure: format!("t-{}", seq % 125),
            },
        }
    };
    let starts = (0..units).step_by(FEED_EVENTS as usize);
    let messages = starts.map(|first| {
        FromServer::Events(wire::Events {
            id: 1,
            position: wire::Position::default(),
            events: (first..units.min(first + FEED_EVENTS)).map(event).collect(),
        })
    });
    encode(messages.collect(), units)
}
