//! What the clients saw: the only thing that some oracles may look at.

use hunt::Command;
use node::{Answered, AskError, FeedPage, FeedPosition, Query, Response};

/// One operation of one client, from its first try to its end.
#[derive(Clone, Debug)]
pub struct Op {
    /// The client ([`crate::plan::ClientPlan::id`]).
    pub client: u32,
    /// Its how-manieth operation.
    pub nth: u32,
    /// What it asked.
    pub ask: Ask,
    /// Each time that it asked, in order of sending. Tries may overlap.
    pub tries: Vec<Try>,
}

/// What a client can ask.
#[derive(Clone, Debug)]
pub enum Ask {
    /// One command.
    Command(Command),
    /// A batch.
    Commands(Vec<Command>),
    /// A look.
    Query(Query),
    /// All hunts.
    Hunts,
    /// How every core of the node is doing.
    Status,
    /// The feed.
    Feed {
        /// From where.
        after: FeedPosition,
        /// How many events.
        limit: usize,
    },
}

/// One try of an operation at one node.
#[derive(Clone, Debug)]
pub struct Try {
    /// Asked whom.
    pub node: u16,
    /// Core that took the request.
    pub core: u16,
    /// When the client sent it, in microseconds of true virtual time.
    pub sent_us: u64,
    /// When the client had the answer; none if it never came.
    pub ended_us: Option<u64>,
    /// The answer.
    pub answer: Option<Answer>,
}

/// What came back.
#[derive(Clone, Debug)]
pub enum Answer {
    /// To a command.
    Command(Result<Answered, AskError>),
    /// To a batch.
    Commands(Vec<Result<Answered, AskError>>),
    /// To a look.
    Query(Result<Response, AskError>),
    /// To [`Ask::Hunts`], by core.
    Hunts(Vec<Result<Response, AskError>>),
    /// To [`Ask::Status`], by core.
    Status(Vec<Result<Response, AskError>>),
    /// To [`Ask::Feed`].
    Feed(Result<FeedPage, AskError>),
}

impl Answer {
    /// Nothing has to be asked again.
    pub fn settles(&self) -> bool {
        match self {
            Self::Command(answer) => answer.is_ok(),
            Self::Commands(answers) => answers.iter().all(Result::is_ok),
            Self::Query(answer) => answer.is_ok(),
            Self::Hunts(parts) | Self::Status(parts) => parts.iter().all(Result::is_ok),
            Self::Feed(answer) => answer.is_ok(),
        }
    }

    /// Every error in it.
    pub fn errors(&self) -> Vec<&AskError> {
        match self {
            Self::Command(answer) => answer.as_ref().err().into_iter().collect(),
            Self::Commands(answers) => answers.iter().filter_map(|it| it.as_ref().err()).collect(),
            Self::Query(answer) => answer.as_ref().err().into_iter().collect(),
            Self::Hunts(parts) | Self::Status(parts) => {
                parts.iter().filter_map(|it| it.as_ref().err()).collect()
            }
            Self::Feed(answer) => answer.as_ref().err().into_iter().collect(),
        }
    }
}

/// All operations of a run, in the order in which they began.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The operations.
    pub ops: Vec<Op>,
}
