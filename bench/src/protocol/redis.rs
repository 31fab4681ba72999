//! Redis: a claim is one call of a Lua script.

use std::io::Write;
use std::net::SocketAddr;

use super::resp::{self, Reply};
use super::{Answered, InOrder, Lane, Link, Protocol, Shake, Target};
use crate::error::BenchError;
use crate::workload::{Deed, TREASURES};

/// The claim; `compare-redis.sh` uses it too.
pub const SCRIPT: &str = include_str!("../../claim-redis.lua");

/// Redis with the script loaded.
pub struct RedisTarget {
    lanes: [Lane; 1],
    sha: String,
    is_hot: bool,
}

impl RedisTarget {
    /// A Redis in which the script has this digest.
    pub fn new(address: SocketAddr, sha: String, is_hot: bool) -> Self {
        Self {
            lanes: [Lane {
                address,
                hunts: vec![0],
            }],
            sha,
            is_hot,
        }
    }
}

impl Target for RedisTarget {
    fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    fn open(&self, lane: &Lane, prefix: &str) -> Result<Link, BenchError> {
        // All of the command is fixed but the id, which makes a claim cheap for the generator.
        let mut head = Vec::new();
        resp::append(&mut head, &[b"EVALSHA", self.sha.as_bytes(), b"0"]);
        head.splice(..b"*3\r\n".len(), *b"*5\r\n");
        let mode: &[u8] = if self.is_hot { b"hot" } else { b"spread" };
        let tail = [format!("\r\n${}\r\n", mode.len()).as_bytes(), mode, b"\r\n"].concat();
        Ok(Link {
            stream: Shake::connect(lane.address)?.finish()?,
            protocol: Box::new(Redis {
                head,
                tail,
                prefix: prefix.to_owned(),
                in_order: InOrder::default(),
            }),
        })
    }
}

struct Redis {
    head: Vec<u8>,
    tail: Vec<u8>,
    prefix: String,
    in_order: InOrder,
}

impl Protocol for Redis {
    fn append(&mut self, slot: u32, deeds: &[Deed], out: &mut Vec<u8>) {
        for deed in deeds {
            // The script takes the treasure from the last three digits.
            let treasure = deed.treasure % TREASURES;
            let id = format!("{}{}{treasure:03}", self.prefix, deed.player);
            out.extend_from_slice(&self.head);
            write!(out, "${}\r\n{id}", id.len()).expect("a Vec takes all bytes");
            out.extend_from_slice(&self.tail);
        }
        self.in_order.sent(slot, deeds.len());
    }

    fn read(&mut self, input: &[u8], answered: &mut Vec<Answered>) -> Result<usize, String> {
        let mut used = 0;
        while let Some((reply, length)) = resp::parse(&input[used..])? {
            used += length;
            self.in_order.answer(answered, |tally| {
                match reply {
                    Reply::Text(b"granted") => tally.accept(),
                    Reply::Text(b"seen" | b"sold_out") => tally.refuse(),
                    _ => {
                        tally.fail();
                        return Some(format!("Redis said {reply:?}"));
                    }
                }
                None
            })?;
        }
        Ok(used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::Act;

    #[test]
    fn a_claim_is_one_call_and_a_batch_is_answered_as_one() {
        let target = RedisTarget::new(([127, 0, 0, 1], 1).into(), "abc".to_owned(), false);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let lane = Lane {
            address: listener.local_addr().unwrap(),
            ..target.lanes()[0].clone()
        };
        let mut link = target.open(&lane, "x-").unwrap();
        let deed = Deed {
            hunt: 0,
            treasure: 7,
            player: 12,
            act: Act::Claim,
        };
        let mut out = Vec::new();
        link.protocol.append(5, &[deed, deed], &mut out);
        let one =
            "*5\r\n$7\r\nEVALSHA\r\n$3\r\nabc\r\n$1\r\n0\r\n$7\r\nx-12007\r\n$6\r\nspread\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), one.repeat(2));
        let mut answered = Vec::new();
        let input = b"$7\r\ngranted\r\n$4\r\nseen\r\n";
        assert_eq!(link.protocol.read(input, &mut answered), Ok(input.len()));
        assert_eq!(answered.len(), 1);
        let tally = answered[0].tally;
        assert_eq!((answered[0].slot, tally.accepted, tally.refused), (5, 1, 1));
    }
}
