//! The shard loop on the store in memory: `node`, with everything but sockets and disks.

use std::time::Duration;

use hunt::{Command, Reply};
use node::{Answered, AskError, Core, FeedPosition, NodeId, Place, Request, Response, Settings};
use store_sim::MemoryDatabase;

use super::claims::{HUNTS, claim, open, put};
use super::host::{Machine, PartHost};
use super::{Part, Run};

/// Commands of one question, as a full frame of the wire protocol has them.
const FRAME: u64 = wire::COMMANDS_PER_FRAME_MAX as u64;

/// Commands under way at once where each is a question of its own.
const SINGLE: u64 = 64;

/// Events of a page of the feed, as the wire protocol asks for them.
const PAGE: usize = 4_096;

pub(super) const PARTS: &[Part] = &[
    Part {
        name: "node-claims",
        what: "claims of new players, 8,190 a question: decide, group commit, answer",
        unit: "claim",
        units: 200_000,
        is_counted: true,
        prepare: claims,
    },
    Part {
        name: "node-claim",
        what: "claims of new players, each a question of its own, 64 at a time",
        unit: "claim",
        units: 100_000,
        is_counted: true,
        prepare: single_claims,
    },
    Part {
        name: "node-rows",
        what: "writing the rows of players who claimed",
        unit: "row",
        units: 100_000,
        is_counted: true,
        prepare: rows,
    },
    Part {
        name: "recovery",
        what: "opening a core whose log has events past the checkpoint",
        unit: "event",
        units: 100_000,
        is_counted: true,
        prepare: recovery,
    },
    Part {
        name: "feed",
        what: "a reader that catches up from the log, in pages of 4,096",
        unit: "event",
        units: 200_000,
        is_counted: true,
        prepare: feed,
    },
];

/// A node of one core.
struct Node {
    machine: Machine,
    core: Core<PartHost>,
}

impl Node {
    fn on(database: &MemoryDatabase) -> Self {
        let (machine, host) = Machine::new(database);
        // As much memory as it takes: what is evicted, and when, is another matter.
        let settings = Settings {
            memory_bytes: u64::MAX >> 8,
            ..Settings::default()
        };
        let place = Place {
            node: NodeId(1),
            core: 0,
            cores: 1,
        };
        Self {
            machine,
            core: Core::new(host, settings, place),
        }
    }

    fn open(&mut self) {
        let core = self.core.clone();
        self.machine
            .run(async move { core.open().await })
            .expect("the shards open");
    }

    /// A node with open hunts on an empty store.
    fn with_hunts(database: &MemoryDatabase) -> Self {
        let mut node = Self::on(database);
        node.open();
        for number in 0..HUNTS {
            assert_eq!(node.ask_many(vec![put(number), open(number)]), 2);
        }
        node
    }

    /// Carries out commands; says how many took effect.
    fn ask_many(&mut self, commands: Vec<Command>) -> u64 {
        let core = self.core.clone();
        let answers = self
            .machine
            .run(async move { core.ask_many(commands).await });
        answers.iter().filter(|answer| took_effect(answer)).count() as u64
    }
}

fn took_effect(answer: &Result<Answered, AskError>) -> bool {
    matches!(
        answer,
        Ok(Answered {
            reply: Reply::Granted { .. } | Reply::Created { .. } | Reply::Phase { .. },
            replayed: false,
        })
    )
}

/// Claims of so many players, in questions of `size`.
fn questions(units: u64, size: u64) -> Vec<Vec<Command>> {
    let starts = (0..units).step_by(size as usize);
    starts
        .map(|first| (first..units.min(first + size)).map(claim).collect())
        .collect()
}

fn claims(units: u64) -> Run {
    let mut node = Node::with_hunts(&MemoryDatabase::new(0));
    let mut frames = questions(units, FRAME).into_iter();
    Box::new(move || {
        let granted = frames.by_ref().map(|frame| node.ask_many(frame)).sum();
        assert_eq!(granted, units, "every claim of a new player takes effect");
        granted
    })
}

fn single_claims(units: u64) -> Run {
    let mut node = Node::with_hunts(&MemoryDatabase::new(0));
    let mut rounds = questions(units, SINGLE).into_iter();
    Box::new(move || {
        let mut granted = 0;
        for round in rounds.by_ref() {
            let core = node.core.clone();
            let asks = round.into_iter().map(Request::Command);
            let answers = node
                .machine
                .run(async move { futures::future::join_all(asks.map(|ask| core.ask(ask))).await });
            let is_granted = |answer: &Result<Response, AskError>| match answer {
                Ok(Response::Reply(answered)) => took_effect(&Ok(answered.clone())),
                _ => false,
            };
            granted += answers.iter().filter(|answer| is_granted(answer)).count() as u64;
        }
        assert_eq!(granted, units, "every claim of a new player takes effect");
        granted
    })
}

/// A node on which so many players claimed, and none of their rows is written.
fn claimed_by(units: u64, database: &MemoryDatabase) -> Node {
    let mut node = Node::with_hunts(database);
    let granted: u64 = questions(units, FRAME)
        .into_iter()
        .map(|frame| node.ask_many(frame))
        .sum();
    assert_eq!(granted, units, "every claim of a new player takes effect");
    node
}

fn rows(units: u64) -> Run {
    let mut node = claimed_by(units, &MemoryDatabase::new(0));
    Box::new(move || {
        let core = node.core.clone();
        let status = node.machine.run(async move {
            // A core that stops writes all that is newer in memory than in the store.
            core.stop().await;
            core.ask(Request::Status).await
        });
        match status {
            Ok(Response::Status(status)) => status.rows_written,
            other => panic!("not a status: {other:?}"),
        }
    })
}

fn recovery(units: u64) -> Run {
    let database = MemoryDatabase::new(0);
    drop(claimed_by(units, &database));
    let mut node = Node::on(&database);
    Box::new(move || {
        node.open();
        let core = node.core.clone();
        let status = node
            .machine
            .run(async move { core.ask(Request::Status).await });
        match status {
            Ok(Response::Status(status)) => status.shards.iter().map(|shard| shard.last_seq).sum(),
            other => panic!("not a status: {other:?}"),
        }
    })
}

fn feed(units: u64) -> Run {
    let database = MemoryDatabase::new(0);
    drop(claimed_by(units, &database));
    // Another life of the node: nothing of the log is in memory.
    let mut node = Node::on(&database);
    node.open();
    Box::new(move || {
        let core = node.core.clone();
        node.machine.run(async move {
            let (mut position, mut events) = (FeedPosition::default(), 0);
            loop {
                let page = core.feed(position, PAGE, Duration::ZERO).await;
                let page = page.expect("the feed can be read");
                events += page.events.len() as u64;
                position = page.position;
                if !page.more {
                    return events;
                }
            }
        })
    })
}
