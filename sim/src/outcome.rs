//! What a run gave.

use std::collections::BTreeMap;

use crate::fault::Fired;
use crate::history::History;
use crate::truth::Truth;

/// How a run is watched; changes nothing in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunOptions {
    /// Keep a [`Step`] for every step, for the timeline and to find where two runs part.
    pub trace: bool,
    /// Stop at this virtual time.
    pub until_us: Option<u64>,
}

/// The result of one run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Rolling hash over (time, task, event, draws) of every step.
    pub hash: u128,
    /// Steps taken.
    pub steps: u64,
    /// Virtual time that passed, in microseconds.
    pub simulated_us: u64,
    /// Commands that clients had answered, retries not counted.
    pub commands: u64,
    /// The faults that happened, in order.
    pub fired: Vec<Fired>,
    /// How often each probe was hit.
    pub probes: BTreeMap<&'static str, u64>,
    /// The oracles were asked; they are not where [`RunOptions::until_us`] cut the run short.
    pub is_judged: bool,
    /// What the first oracle that was not content said.
    pub failure: Option<Failure>,
    /// What the clients saw.
    pub history: History,
    /// What was stored.
    pub truth: Truth,
    /// The steps, if they were traced.
    pub trace: Vec<Step>,
}

/// Why a run failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The oracle, by the name of its file.
    pub oracle: &'static str,
    /// What it found: what was expected, what was seen, where.
    pub detail: String,
    /// When it happened, as far as that can be told, in microseconds of true virtual time.
    pub at_us: u64,
}

/// One step of a traced run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// True virtual time in microseconds.
    pub at_us: u64,
    /// The rolling hash after it.
    pub hash: u128,
    /// What happened.
    pub what: Happening,
}

/// What a step did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A task ran.
    Ran {
        /// Whose: node (0: the world and its clients) and core.
        lane: (u16, u16),
        /// The task.
        task: u64,
    },
    /// A message went on its way.
    Sent {
        /// Its number; [`Happening::Arrived`] repeats it.
        message: u64,
        /// From this node and core; clients are node 0, and the client's number.
        from: (u16, u32),
        /// To this one.
        to: (u16, u32),
        /// What it says, in a few words.
        what: String,
    },
    /// It arrived.
    Arrived {
        /// The message.
        message: u64,
    },
    /// A commit was applied or refused.
    Committed {
        /// Whose.
        lane: (u16, u16),
        /// What it wrote, or why not, in a few words.
        what: String,
    },
    /// A fault began.
    Fault {
        /// Index in [`Outcome::fired`].
        fired: usize,
    },
    /// A node started, stopped, took or lost a shard.
    Node {
        /// Which.
        lane: (u16, u16),
        /// What, in a few words.
        what: String,
    },
}
