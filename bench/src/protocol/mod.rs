//! The bytes of each target: requests to write, answers to read. No socket beyond the hand-shake.

pub mod http;
pub mod nats;
pub mod postgres;
pub mod redis;
pub mod resp;
mod shake;
pub mod target;
pub mod wire;

pub use shake::Shake;
pub use target::{Lane, Link, Target};

use crate::workload::Deed;

/// What became of a request's commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// They took effect.
    pub accepted: u64,
    /// The rules or a limit refused them; nothing happened.
    pub refused: u64,
    /// Those of `refused` that met a limit: "overloaded, ask again later".
    pub overloaded: u64,
    /// Anything else.
    pub errors: u64,
}

impl Tally {
    /// Adds another.
    pub fn add(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.overloaded += other.overloaded;
        self.errors += other.errors;
    }

    /// Counts one command that took effect.
    pub fn accept(&mut self) {
        self.accepted += 1;
    }

    /// Counts one that the rules refused.
    pub fn refuse(&mut self) {
        self.refused += 1;
    }

    /// Counts one that met a limit.
    pub fn overload(&mut self) {
        self.refused += 1;
        self.overloaded += 1;
    }

    /// Counts one that failed.
    pub fn fail(&mut self) {
        self.errors += 1;
    }
}

/// A request was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The request's slot.
    pub slot: u32,
    /// What became of its commands.
    pub tally: Tally,
    /// What was said, if something was an error.
    pub example: Option<String>,
}

/// One connection's side of a protocol. A slot names a request under way; it is used again once it was answered.
pub trait Protocol: Send {
    /// Appends one request that carries these commands.
    fn append(&mut self, slot: u32, deeds: &[Deed], out: &mut Vec<u8>);

    /// Reads complete answers from the front of what came; returns how many bytes they took.
    fn read(&mut self, input: &[u8], answered: &mut Vec<Answered>) -> Result<usize, String>;
}

/// Requests of a protocol that answers in order: each with answers still to come.
#[derive(Debug, Default)]
pub(crate) struct InOrder {
    waiting: std::collections::VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    slot: u32,
    left: usize,
    tally: Tally,
    example: Option<String>,
}

impl InOrder {
    /// A request was sent that is answered by so many answers.
    pub(crate) fn sent(&mut self, slot: u32, answers: usize) {
        self.waiting.push_back(Waiting {
            slot,
            left: answers,
            tally: Tally::default(),
            example: None,
        });
    }

    /// The next answer, of the oldest request that still lacks one.
    pub(crate) fn answer(
        &mut self,
        answered: &mut Vec<Answered>,
        count: impl FnOnce(&mut Tally) -> Option<String>,
    ) -> Result<(), String> {
        let Some(first) = self.waiting.front_mut() else {
            return Err("an answer came that nobody asked for".to_owned());
        };
        let said = count(&mut first.tally);
        first.example = first.example.take().or(said);
        first.left -= 1;
        if first.left == 0
            && let Some(done) = self.waiting.pop_front()
        {
            answered.push(Answered {
                slot: done.slot,
                tally: done.tally,
                example: done.example,
            });
        }
        Ok(())
    }
}
