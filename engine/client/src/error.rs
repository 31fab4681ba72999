//! What can go wrong, by who is told.

use std::io;
use std::sync::Arc;

use wire::ErrorCode;

use crate::EndpointError;

/// Why a client did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No address was given.
    #[error("no address of an engine was given: name at least one, as host:port")]
    NoAddress,
    /// One of the addresses is none.
    #[error(transparent)]
    Address(#[from] EndpointError),
    /// A setting makes no sense.
    #[error("the settings: {0}")]
    Settings(String),
    /// The system gave no thread or no event descriptor.
    #[error("starting the client's thread: {0}")]
    Io(#[from] io::Error),
}

/// So many commands are unanswered that no more are taken. The commands come back.
#[derive(Clone, Debug, thiserror::Error)]
#[error("commands_max ({max}) commands are unanswered: wait for some of their answers")]
pub struct Busy<T> {
    /// What was not taken.
    pub commands: T,
    /// The limit.
    pub max: usize,
}

/// Why there is no answer to a command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It can't be sent: an operator's command, a check-in nowhere on earth, a text too long for a frame.
    #[error("the command can't be sent: {0}")]
    Unsendable(String),
    /// Its time is up.
    #[error(
        "no answer within the time-out{}; {}",
        .trouble.as_deref().map(|trouble| format!(" ({trouble})")).unwrap_or_default(),
        match maybe_done {
            true => "it may have taken effect: send it again with the same request id to learn",
            false => "it did not take effect",
        }
    )]
    TimedOut {
        /// It may have taken effect: the same command under the same request id tells. If not, it surely did not.
        maybe_done: bool,
        /// What went wrong last, if anything did.
        trouble: Option<Arc<str>>,
    },
    /// The engine will not have it, or not this client. Nothing was done by the last try.
    #[error("the engine refused: {code:?}: {detail}")]
    Refused {
        /// Why.
        code: ErrorCode,
        /// For people.
        detail: Arc<str>,
    },
    /// The client was dropped before the answer came.
    #[error("the client was closed before an answer came: send it again with the same request id")]
    Closed,
}

/// Why a feed ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// The engine will not have it, or not this client.
    #[error("the engine refused the feed: {code:?}: {detail}")]
    Refused {
        /// Why.
        code: ErrorCode,
        /// For people.
        detail: Arc<str>,
    },
    /// As many feeds are read as one client may.
    #[error("{0} feeds are read by this client: use another client")]
    TooMany(usize),
    /// The client was dropped.
    #[error("the client was closed")]
    Closed,
}
