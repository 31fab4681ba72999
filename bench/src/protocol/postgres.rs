//! PostgreSQL's protocol 3: a claim is one call of a prepared statement, a request one transaction.

use std::net::SocketAddr;

use super::{Answered, InOrder, Lane, Link, Protocol, Shake, Target};
use crate::error::BenchError;
use crate::workload::Deed;

/// Who the harness is there.
pub const USER: &str = "bench";

/// Protocol version 3.0.
const VERSION: i32 = 3 << 16;

/// The type `text`, and the type `integer`, as `pg_type` numbers them.
const TEXT: i32 = 25;
const INTEGER: i32 = 23;

/// A server with the function `claim`.
pub struct PostgresTarget {
    lanes: [Lane; 1],
}

impl PostgresTarget {
    /// A server that trusts [`USER`].
    pub fn new(address: SocketAddr) -> Self {
        Self {
            lanes: [Lane {
                address,
                hunts: vec![0],
            }],
        }
    }
}

impl Target for PostgresTarget {
    fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    fn open(&self, lane: &Lane, prefix: &str) -> Result<Link, BenchError> {
        let mut shake = login(lane.address)?;
        let mut out = Vec::new();
        message(&mut out, b'P', |body| {
            body.extend_from_slice(b"claim\0SELECT claim($1, $2)\0");
            body.extend_from_slice(&2_i16.to_be_bytes());
            body.extend_from_slice(&TEXT.to_be_bytes());
            body.extend_from_slice(&INTEGER.to_be_bytes());
        });
        message(&mut out, b'S', |_| {});
        shake.say(&out)?;
        until_ready(&mut shake)?;
        Ok(Link {
            stream: shake.finish()?,
            protocol: Box::new(Postgres {
                prefix: prefix.to_owned(),
                failed: None,
                in_order: InOrder::default(),
                sizes: std::collections::VecDeque::new(),
                outcomes: Outcomes::default(),
            }),
        })
    }
}

/// Connects and logs in.
pub fn login(address: SocketAddr) -> Result<Shake, BenchError> {
    let mut shake = Shake::connect(address)?;
    let parameters = format!("user\0{USER}\0database\0postgres\0\0");
    let length = (8 + parameters.len()) as i32;
    let mut out = Vec::new();
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&VERSION.to_be_bytes());
    out.extend_from_slice(parameters.as_bytes());
    shake.say(&out)?;
    until_ready(&mut shake)?;
    Ok(shake)
}

/// Runs statements; returns the first column of the last row.
pub fn query(shake: &mut Shake, sql: &str) -> Result<Option<String>, BenchError> {
    let mut out = Vec::new();
    message(&mut out, b'Q', |body| {
        body.extend_from_slice(sql.as_bytes());
        body.push(0);
    });
    shake.say(&out)?;
    until_ready(shake)
}

fn until_ready(shake: &mut Shake) -> Result<Option<String>, BenchError> {
    let (mut row, mut error) = (None, None);
    loop {
        let (kind, body) = shake.hear(|input| {
            Ok(split(input)?.map(|(kind, body, used)| ((kind, body.to_vec()), used)))
        })?;
        match kind {
            b'Z' => break,
            b'D' => {
                row = first_column(&body).map(|text| String::from_utf8_lossy(text).into_owned())
            }
            b'E' => {
                // What follows an error during login is the end of the connection.
                error = Some(BenchError::Target(format!("PostgreSQL: {}", fault(&body))));
                if body.starts_with(b"SFATAL") {
                    break;
                }
            }
            b'R' if body != [0; 4] => {
                return Err(BenchError::Target(
                    "PostgreSQL wants a password: let it trust the harness".to_owned(),
                ));
            }
            _ => {}
        }
    }
    match error {
        None => Ok(row),
        Some(error) => Err(error),
    }
}

/// Appends `kind | length | body`.
fn message(out: &mut Vec<u8>, kind: u8, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(kind);
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out);
    let length = (out.len() - start) as i32;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

/// Kind, body, and how many bytes it took.
type Message<'a> = (u8, &'a [u8], usize);

/// Takes the first message off what came.
fn split(input: &[u8]) -> Result<Option<Message<'_>>, String> {
    let Some((&kind, rest)) = input.split_first() else {
        return Ok(None);
    };
    let Some(length) = rest.first_chunk::<4>() else {
        return Ok(None);
    };
    let length = i32::from_be_bytes(*length);
    let length = usize::try_from(length)
        .ok()
        .filter(|length| *length >= 4)
        .ok_or_else(|| format!("a PostgreSQL message has {length} bytes"))?;
    Ok(rest.get(4..length).map(|body| (kind, body, 1 + length)))
}

/// The first column of a row, unless it is null.
fn first_column(row: &[u8]) -> Option<&[u8]> {
    let (_columns, rest) = row.split_first_chunk::<2>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    rest.get(..usize::try_from(i32::from_be_bytes(*length)).ok()?)
}

/// The text of an error's field `M`.
fn fault(body: &[u8]) -> String {
    let mut fields = body.split(|byte| *byte == 0);
    let text = fields.find_map(|field| field.strip_prefix(b"M"));
    String::from_utf8_lossy(text.unwrap_or(body)).into_owned()
}

struct Postgres {
    prefix: String,
    failed: Option<String>,
    in_order: InOrder,
    sizes: std::collections::VecDeque<u64>,
    outcomes: Outcomes,
}

/// Rows of the transaction that is being answered.
#[derive(Default)]
struct Outcomes {
    granted: u64,
    refused: u64,
}

impl Protocol for Postgres {
    fn append(&mut self, slot: u32, deeds: &[Deed], out: &mut Vec<u8>) {
        let mut deeds: Vec<_> = deeds.to_vec();
        // One transaction locks the stock of its treasures in one order, or two could wait for each other.
        deeds.sort_by_key(|deed| deed.treasure);
        for deed in &deeds {
            let player = format!("{}{}", self.prefix, deed.player);
            let treasure = deed.treasure.to_string();
            message(out, b'B', |body| {
                body.extend_from_slice(b"\0claim\0\0\0\0\x02");
                for value in [&player, &treasure] {
                    body.extend_from_slice(&(value.len() as i32).to_be_bytes());
                    body.extend_from_slice(value.as_bytes());
                }
                body.extend_from_slice(&[0, 0]);
            });
            message(out, b'E', |body| body.extend_from_slice(&[0; 5]));
        }
        message(out, b'S', |_| {});
        self.in_order.sent(slot, 1);
        self.sizes.push_back(deeds.len() as u64);
    }

    fn read(&mut self, input: &[u8], answered: &mut Vec<Answered>) -> Result<usize, String> {
        let mut used = 0;
        while let Some((kind, body, length)) = split(&input[used..])? {
            used += length;
            match kind {
                b'D' if first_column(body) == Some(b"granted") => self.outcomes.granted += 1,
                b'D' => self.outcomes.refused += 1,
                b'E' => self.failed = Some(fault(body)),
                b'Z' => self.finish(answered)?,
                _ => {}
            }
        }
        Ok(used)
    }
}

impl Postgres {
    fn finish(&mut self, answered: &mut Vec<Answered>) -> Result<(), String> {
        let Outcomes { granted, refused } = std::mem::take(&mut self.outcomes);
        let size = self.sizes.pop_front().unwrap_or_default();
        let failed = self.failed.take();
        self.in_order.answer(answered, |tally| {
            match &failed {
                // It was rolled back as a whole.
                Some(_) => tally.errors += size,
                None => {
                    tally.accepted += granted;
                    tally.refused += refused;
                }
            }
            failed
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::Act;

    fn postgres() -> Postgres {
        Postgres {
            prefix: "p".to_owned(),
            failed: None,
            in_order: InOrder::default(),
            sizes: std::collections::VecDeque::new(),
            outcomes: Outcomes::default(),
        }
    }

    fn deed(treasure: u64) -> Deed {
        Deed {
            hunt: 0,
            treasure,
            player: 1,
            act: Act::Claim,
        }
    }

    fn row(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        message(&mut out, b'D', |body| {
            body.extend_from_slice(&1_i16.to_be_bytes());
            body.extend_from_slice(&(text.len() as i32).to_be_bytes());
            body.extend_from_slice(text.as_bytes());
        });
        out
    }

    fn ready() -> Vec<u8> {
        let mut out = Vec::new();
        message(&mut out, b'Z', |body| body.push(b'I'));
        out
    }

    #[test]
    fn a_request_is_one_transaction_with_its_locks_in_order() {
        let mut out = Vec::new();
        postgres().append(0, &[deed(9), deed(4)], &mut out);
        let mut kinds = Vec::new();
        let mut rest = &out[..];
        while let Some((kind, body, used)) = split(rest).unwrap() {
            kinds.push((kind, body.iter().rev().nth(2).copied()));
            rest = &rest[used..];
        }
        assert!(rest.is_empty());
        let names: Vec<_> = kinds.iter().map(|(kind, _)| *kind as char).collect();
        assert_eq!(names, ['B', 'E', 'B', 'E', 'S']);
        assert_eq!((kinds[0].1, kinds[2].1), (Some(b'4'), Some(b'9')));
    }

    #[test]
    fn a_failed_transaction_accepts_nothing() {
        let mut postgres = postgres();
        let mut out = Vec::new();
        postgres.append(3, &[deed(1), deed(2)], &mut out);
        postgres.append(4, &[deed(1)], &mut out);
        let mut error = Vec::new();
        message(&mut error, b'E', |body| {
            body.extend_from_slice(b"SERROR\0Mdeadlock detected\0\0");
        });
        let input = [row("granted"), error, ready(), row("seen"), ready()].concat();
        let mut answered = Vec::new();
        assert_eq!(postgres.read(&input, &mut answered), Ok(input.len()));
        let figures: Vec<_> = answered
            .iter()
            .map(|a| (a.slot, a.tally.accepted, a.tally.refused, a.tally.errors))
            .collect();
        assert_eq!(figures, [(3, 0, 0, 2), (4, 0, 1, 0)]);
        assert_eq!(answered[0].example.as_deref(), Some("deadlock detected"));
    }
}
