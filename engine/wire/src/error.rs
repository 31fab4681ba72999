//! What can be wrong with bytes, and how a refusal is told.

use std::fmt::Display;

use bincode::{BorrowDecode, Encode};

use crate::frame::FRAME_BYTES_MAX;

/// Why bytes are no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The length is not one that a frame has. Nothing behind it can be found.
    #[error("a frame says it has {0} bytes: it must have 1 to {FRAME_BYTES_MAX}")]
    FrameLength(usize),
    /// No kind of frame has this number.
    #[error("no frame has kind {0}: is this another protocol, or a newer version?")]
    UnknownKind(u8),
    /// The frame's kind is known, but not one that this side is sent.
    #[error("this side is not sent frames of this kind")]
    WrongSide,
    /// The body does not hold what its kind says.
    #[error("{0}")]
    Malformed(String),
}

impl WireError {
    pub(crate) fn malformed(detail: impl Display) -> Self {
        Self::Malformed(detail.to_string())
    }
}

/// Why the engine refused something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, BorrowDecode)]
pub enum ErrorCode {
    /// The bytes are no message. If its frame has no id, the connection is closed.
    Malformed,
    /// This engine does not speak the version.
    Version,
    /// The token is missing, bad or expired. The connection is closed.
    Unauthorized,
    /// The token's role does not allow it.
    Forbidden,
    /// A limit is reached; nothing was done. Wait as long as it says.
    Overloaded,
    /// The shard is being opened or moves; nothing was done. Wait as long as it says.
    NotReady,
    /// What became of it can't be told. Send the same commands with the same request ids again.
    Unavailable,
    /// The client sent more than the connection allows at once. The connection is closed.
    FlowControl,
    /// Nothing was received for too long. The connection is closed.
    Idle,
}

/// A refusal, of one frame or of the connection.
#[derive(Clone, Debug, PartialEq, Eq, Encode, BorrowDecode)]
pub struct Failure {
    /// The frame's id; none if the connection as a whole is refused, which is then closed.
    pub id: Option<u64>,
    /// Why.
    pub code: ErrorCode,
    /// Milliseconds to wait before trying again; 0 if waiting does not help.
    pub retry_after_ms: u64,
    /// For people: what, where, and what to do.
    pub detail: String,
}
