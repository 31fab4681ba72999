//! NATS JetStream by its text protocol: a claim is one publish with an acknowledgement.
//!
//! What it does: the message id is remembered for the duplicate window, so a repeated claim appends nothing; the stream takes at most the
//! stock's number of messages for a treasure's subject; the message is the event. What it does not: remember a claim for longer than
//! the window, have a stock of its own for each treasure, or change it.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::Deserialize;

use super::{Answered, Lane, Link, Protocol, Shake, Tally, Target};
use crate::error::BenchError;
use crate::workload::Deed;

/// The stream that takes the claims; their subjects are its name in small letters, and the treasure.
pub const STREAM: &str = "CLAIMS";

/// "maximum messages per subject exceeded", as a part of the server's words for it.
const FULL: &str = "per subject exceeded";

/// A server with the stream.
pub struct NatsTarget {
    lanes: [Lane; 1],
    /// Connections opened: each has an inbox of its own.
    opened: AtomicU64,
}

impl NatsTarget {
    /// A server that lets anyone in.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            lanes: [Lane {
                address,
                hunts: vec![0],
            }],
            opened: AtomicU64::new(0),
        }
    }
}

impl Target for NatsTarget {
    fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    fn open(&self, lane: &Lane, prefix: &str) -> Result<Link, BenchError> {
        let inbox = format!("_INBOX.{}", self.opened.fetch_add(1, Relaxed));
        Ok(Link {
            stream: login(lane.address, &inbox)?.finish()?,
            protocol: Box::new(Nats {
                inbox,
                prefix: prefix.to_owned(),
                waiting: Vec::new(),
            }),
        })
    }
}

/// Connects, and listens at `inbox.*`.
pub fn login(address: SocketAddr, inbox: &str) -> Result<Shake, BenchError> {
    let mut shake = Shake::connect(address)?;
    shake.hear(line)?;
    let hello = format!(
        "CONNECT {{\"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true}}\r\nSUB {inbox}.* 1\r\nPING\r\n"
    );
    shake.say(hello.as_bytes())?;
    let answer = shake.hear(line)?;
    if answer == "PONG" {
        Ok(shake)
    } else {
        Err(BenchError::Target(format!("NATS at {address}: {answer}")))
    }
}

/// Asks the server's own API; returns the answer's JSON.
pub fn request(
    shake: &mut Shake,
    inbox: &str,
    subject: &str,
    body: &str,
) -> Result<serde_json::Value, BenchError> {
    let text = format!("PUB {subject} {inbox}.api {}\r\n{body}\r\n", body.len());
    shake.say(text.as_bytes())?;
    let answer =
        shake.hear(|input| Ok(parse(input)?.map(|(said, used)| (said.to_owned(), used))))?;
    let Owned::Message(text) = answer else {
        return Err(BenchError::Target(format!("NATS at {subject}: {answer:?}")));
    };
    let value: serde_json::Value = serde_json::from_slice(&text)
        .map_err(|error| BenchError::Target(format!("NATS at {subject}: {error}")))?;
    match value.get("error") {
        None => Ok(value),
        Some(error) => Err(BenchError::Target(format!("NATS at {subject}: {error}"))),
    }
}

/// What the server says.
#[derive(Debug)]
enum Said<'a> {
    Message { subject: &'a str, body: &'a [u8] },
    Other(&'a str),
}

#[derive(Debug)]
enum Owned {
    Message(Vec<u8>),
    Other,
}

impl Said<'_> {
    fn to_owned(&self) -> Owned {
        match self {
            Self::Message { body, .. } => Owned::Message(body.to_vec()),
            Self::Other(_) => Owned::Other,
        }
    }
}

fn line(input: &[u8]) -> Result<Option<(String, usize)>, String> {
    let Some(end) = memchr::memmem::find(input, b"\r\n") else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&input[..end]).into_owned();
    Ok(Some((text, end + 2)))
}

/// Takes the first thing said off what came. `MSG subject sid [reply] bytes`, `HMSG subject sid [reply] head-bytes bytes`.
fn parse(input: &[u8]) -> Result<Option<(Said<'_>, usize)>, String> {
    let Some(end) = memchr::memmem::find(input, b"\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&input[..end]).map_err(|_| "NATS said no text".to_owned())?;
    let mut words = text.split_ascii_whitespace();
    let kind = words.next().unwrap_or_default();
    if !matches!(kind, "MSG" | "HMSG") {
        return Ok(Some((Said::Other(text), end + 2)));
    }
    let unreadable = || format!("NATS said {text:?}");
    let subject = words.next().ok_or_else(unreadable)?;
    let numbers: Vec<usize> = words.filter_map(|word| word.parse().ok()).collect();
    let length = *numbers.last().ok_or_else(unreadable)?;
    let head = match (kind, numbers.as_slice()) {
        ("HMSG", [.., head, _]) => (*head).min(length),
        _ => 0,
    };
    let start = end + 2;
    Ok(input.get(start..start + length + 2).map(|rest| {
        let body = &rest[head..length];
        (Said::Message { subject, body }, start + length + 2)
    }))
}

struct Nats {
    inbox: String,
    prefix: String,
    /// By slot: acknowledgements still to come, and what the others said.
    waiting: Vec<(usize, Tally, Option<String>)>,
}

#[derive(Deserialize)]
struct Acknowledgement {
    #[serde(default)]
    duplicate: bool,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    description: String,
}

impl Protocol for Nats {
    fn append(&mut self, slot: u32, deeds: &[Deed], out: &mut Vec<u8>) {
        let index = slot as usize;
        if self.waiting.len() <= index {
            self.waiting.resize(index + 1, (0, Tally::default(), None));
        }
        self.waiting[index] = (deeds.len(), Tally::default(), None);
        for deed in deeds {
            let (treasure, inbox) = (deed.treasure, &self.inbox);
            let player = format!("{}{}", self.prefix, deed.player);
            let head = format!("NATS/1.0\r\nNats-Msg-Id: {player}.{treasure}\r\n\r\n");
            write!(
                out,
                "HPUB claims.{treasure} {inbox}.{slot} {} {}\r\n{head}{player}\r\n",
                head.len(),
                head.len() + player.len()
            )
            .expect("a Vec takes all bytes");
        }
    }

    fn read(&mut self, input: &[u8], answered: &mut Vec<Answered>) -> Result<usize, String> {
        let mut used = 0;
        while let Some((said, length)) = parse(&input[used..])? {
            used += length;
            match said {
                Said::Message { subject, body } => self.acknowledged(subject, body, answered)?,
                // The server is told to ping hardly ever; an answer to it is not needed within a run.
                Said::Other("PING" | "PONG" | "+OK") => {}
                Said::Other(text) if text.starts_with("INFO") => {}
                Said::Other(text) => return Err(text.to_owned()),
            }
        }
        Ok(used)
    }
}

impl Nats {
    fn acknowledged(
        &mut self,
        subject: &str,
        body: &[u8],
        answered: &mut Vec<Answered>,
    ) -> Result<(), String> {
        let slot = subject
            .rsplit('.')
            .next()
            .and_then(|slot| slot.parse().ok());
        let slot: u32 = slot.ok_or_else(|| format!("NATS wrote to {subject}"))?;
        let waiting = self.waiting.get_mut(slot as usize);
        let Some((left, tally, example)) = waiting.filter(|waiting| waiting.0 > 0) else {
            return Err(format!("NATS wrote to {subject} uncalled"));
        };
        match serde_json::from_slice::<Acknowledgement>(body) {
            Ok(Acknowledgement {
                duplicate,
                error: None,
            }) => match duplicate {
                true => tally.refuse(),
                false => tally.accept(),
            },
            Ok(Acknowledgement {
                error: Some(error), ..
            }) if error.description.contains(FULL) => tally.refuse(),
            _ => {
                tally.fail();
                *example = Some(format!("NATS said {}", String::from_utf8_lossy(body)));
            }
        }
        *left -= 1;
        if *left == 0 {
            answered.push(Answered {
                slot,
                tally: *tally,
                example: example.take(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::Act;

    #[test]
    fn a_claim_is_a_publish_and_acknowledgements_find_their_request_in_any_order() {
        let mut nats = Nats {
            inbox: "_INBOX.x".to_owned(),
            prefix: "x-".to_owned(),
            waiting: Vec::new(),
        };
        let deed = Deed {
            hunt: 0,
            treasure: 3,
            player: 5,
            act: Act::Claim,
        };
        let mut out = Vec::new();
        nats.append(0, &[deed], &mut out);
        let expected =
            "HPUB claims.3 _INBOX.x.0 32 35\r\nNATS/1.0\r\nNats-Msg-Id: x-5.3\r\n\r\nx-5\r\n";
        assert_eq!(String::from_utf8(out.clone()).unwrap(), expected);
        nats.append(1, &[deed, deed], &mut out);
        let message =
            |slot, body: &str| format!("MSG _INBOX.x.{slot} 1 {}\r\n{body}\r\n", body.len());
        let full = r#"{"error":{"code":503,"description":"maximum messages per subject exceeded"},"stream":"","seq":0}"#;
        let input = [
            message(1, r#"{"stream":"CLAIMS","seq":1}"#),
            message(0, full),
            "PING\r\n".to_owned(),
            message(1, r#"{"stream":"CLAIMS","seq":1,"duplicate":true}"#),
        ]
        .concat();
        let mut answered = Vec::new();
        assert_eq!(nats.read(input.as_bytes(), &mut answered), Ok(input.len()));
        let figures: Vec<_> = answered
            .iter()
            .map(|a| (a.slot, a.tally.accepted, a.tally.refused, a.tally.errors))
            .collect();
        assert_eq!(figures, [(0, 0, 1, 0), (1, 1, 1, 0)]);
    }

    #[test]
    fn nobody_answering_is_an_error() {
        let mut nats = Nats {
            inbox: "_INBOX.x".to_owned(),
            prefix: "x-".to_owned(),
            waiting: vec![(1, Tally::default(), None)],
        };
        let input = b"HMSG _INBOX.x.0 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n";
        let mut answered = Vec::new();
        assert_eq!(nats.read(input, &mut answered), Ok(input.len()));
        assert_eq!(answered[0].tally.errors, 1);
    }
}
