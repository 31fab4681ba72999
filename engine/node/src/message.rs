//! What is asked of a core, what it answers, and what cores say to each other.

use std::sync::Arc;

use bincode::{Decode, Encode};
use hunt::view::{HuntSummary, HuntView, Progress, Stats};
use hunt::{
    Audience, Command, Definition, Event, HuntId, Label, Millis, PlayerId, Refusal, Reply, Seq,
    ShardId,
};

use crate::CoreStatus;
use crate::view::View;

/// A core within a node; cores are numbered from 0.
pub type CoreId = u16;

/// Names a node; unique within a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct NodeId(pub u64);

/// Where a core is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct CoreAddress {
    /// The node.
    pub node: NodeId,
    /// The core within it.
    pub core: CoreId,
}

/// What a core can be asked.
#[derive(Clone, Debug, Encode, Decode)]
pub enum Request {
    /// To carry out a command.
    Command(Command),
    /// To carry out many, each its own fate; at most [`crate::COMMANDS_PER_REQUEST_MAX`].
    Commands(Vec<Command>),
    /// To look something up.
    Query(Query),
    /// All hunts of the core's shards.
    Hunts,
    /// All hunts of these shards.
    HuntsOf(Vec<ShardId>),
    /// How the core is doing.
    Status,
}

/// What can be looked up about one hunt. Every answer rests on committed events only.
#[derive(Clone, Debug, Encode, Decode)]
pub enum Query {
    /// The hunt itself, as `audience` may see it.
    Hunt {
        /// Which hunt.
        hunt: HuntId,
        /// Whose unlocked clues to show.
        player: Option<PlayerId>,
        /// Who asks.
        audience: Audience,
    },
    /// Counts for the operator.
    Stats {
        /// Which hunt.
        hunt: HuntId,
    },
    /// How far a player is.
    Progress {
        /// Which hunt.
        hunt: HuntId,
        /// Whose progress.
        player: PlayerId,
    },
    /// The ranking.
    Leaderboard {
        /// Which hunt.
        hunt: HuntId,
        /// How many entries, at most [`crate::LEADERBOARD_PAGE_MAX`].
        limit: usize,
        /// Centre the page on this player instead of the top.
        around: Option<PlayerId>,
    },
    /// The hunt's events in order.
    Events {
        /// Which hunt.
        hunt: HuntId,
        /// Only those with a greater sequence.
        after: Seq,
        /// How many, at most [`crate::EVENTS_PAGE_MAX`].
        limit: usize,
    },
    /// The hunt's definition, to name clues and treasures by.
    Definition {
        /// Which hunt.
        hunt: HuntId,
    },
}

impl Query {
    /// The hunt that is asked about; it decides the shard.
    pub fn hunt(&self) -> &HuntId {
        match self {
            Self::Hunt { hunt, .. }
            | Self::Stats { hunt }
            | Self::Progress { hunt, .. }
            | Self::Leaderboard { hunt, .. }
            | Self::Events { hunt, .. }
            | Self::Definition { hunt } => hunt,
        }
    }
}

/// What a core answers.
#[derive(Clone, Debug, Encode, Decode)]
pub enum Response {
    /// To a command.
    Reply(Answered),
    /// To many commands, in order.
    Replies(Vec<Result<Answered, AskError>>),
    /// The hunt is not known, or the query asks for what it does not have.
    Refused(Refusal),
    /// To [`Query::Hunt`].
    Hunt(Box<HuntView>),
    /// To [`Query::Stats`].
    Stats(Box<Stats>),
    /// To [`Query::Progress`].
    Progress(Box<Progress>),
    /// To [`Query::Leaderboard`].
    Leaderboard(LeaderboardPage),
    /// To [`Query::Events`].
    Events(EventsPage),
    /// To [`Query::Definition`].
    Definition(Arc<Definition>),
    /// To [`Request::Hunts`] and [`Request::HuntsOf`].
    Hunts(Vec<HuntSummary>),
    /// To [`Request::Status`].
    Status(Box<CoreStatus>),
}

/// The answer to one command.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Answered {
    /// What it is answered.
    pub reply: Reply,
    /// The command took effect earlier; this repeats its answer.
    pub replayed: bool,
}

/// A part of a ranking.
#[derive(Clone, Debug, PartialEq, serde::Serialize, Encode, Decode)]
pub struct LeaderboardPage {
    /// Ranks in order.
    pub entries: Vec<Ranked>,
    /// How many players are ranked in all.
    pub players: u64,
}

/// One place in a ranking.
#[derive(Clone, Debug, PartialEq, serde::Serialize, Encode, Decode)]
pub struct Ranked {
    /// 1 is the best; no two share a rank.
    pub rank: u64,
    /// Who.
    pub player: PlayerId,
    /// Points.
    pub score: u64,
    /// When the last solve that counts was.
    pub last_solve_at: Millis,
}

/// Some events of one hunt.
#[derive(Clone, Debug, Encode, Decode)]
pub struct EventsPage {
    /// The hunt's shard.
    pub shard: ShardId,
    /// In order of sequence.
    pub events: Vec<Event>,
    /// Names the events' clues and treasures.
    pub definition: Arc<Definition>,
    /// Ask on after this sequence.
    pub next_after: Seq,
    /// There may be more right now.
    pub more: bool,
}

/// Why a core did not answer. Whether a command took effect is told by asking again with its request id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Encode, Decode)]
pub enum AskError {
    /// A limit is reached; nothing was done.
    #[error("overloaded: {limit} is full; retry after {retry_after_ms} ms")]
    Overloaded {
        /// The limit's name.
        limit: Label,
        /// When to try again.
        retry_after_ms: u64,
    },
    /// The shard is being opened, or is given up; nothing was done.
    #[error("the shard is being opened; retry after {retry_after_ms} ms")]
    NotReady {
        /// When to try again.
        retry_after_ms: u64,
    },
    /// The store did not take it, or the answer was lost on its way. Ask again with the same request id.
    #[error("{detail}; retry after {retry_after_ms} ms with the same request id")]
    Unavailable {
        /// What went wrong.
        detail: String,
        /// When to try again.
        retry_after_ms: u64,
    },
}

/// What cores say to each other.
#[derive(Clone, Debug)]
pub enum Message {
    /// A request for a shard that the other core owns.
    Ask {
        /// Names the question; the answer repeats it.
        id: u64,
        /// Who asks.
        from: CoreAddress,
        /// How often it was handed on before.
        hops: u8,
        /// What.
        request: Request,
    },
    /// The answer.
    Answer {
        /// The question.
        id: u64,
        /// The answer, or why there is none.
        response: Result<Response, AskError>,
    },
    /// The sender has readers waiting for the feed: tell it of commits for the next while.
    FeedSubscribe {
        /// Who.
        from: CoreAddress,
    },
    /// Something was committed since the subscription.
    FeedAdvanced,
    /// The sender has given the shard up: whoever it belongs to now need not wait to try.
    Freed {
        /// Which.
        shard: ShardId,
    },
    /// The sender's standing in the cluster has changed: beat now, and look.
    LookAnew,
    /// The cluster as this node sees it by now; from the core that sends the heartbeats to the others of its node.
    View(Arc<View>),
    /// The node is to hand all its shards over; to the core that sends the heartbeats, from another of its node.
    Drain,
    /// The way to the node broke, so questions to it may stay without an answer; from a core to the others of its node.
    Unreachable {
        /// Which.
        node: NodeId,
    },
}
