//! The binary protocol of game servers: frames and messages as bytes. Pure: no socket, no clock, no runtime.
//!
//! ```text
//! client                                   engine
//!   Hello { version, token } ───────────────▶
//!   ◀──────────────── Welcome { owners, … }      or Error, and the connection is closed
//!   Commands { id, commands } ──────────────▶    many may be under way
//!   ◀──────────────── Replies { id, replies }    in any order of ids
//!   Subscribe { id, after, credit } ────────▶
//!   ◀──────────────── Events { id, events }      as far as the credit goes
//! ```
//!
//! `docs/wire.md` says it byte by byte; the golden frames in the tests hold every message of every version.

mod codec;
mod command;
mod error;
mod feed;
mod frame;
mod hello;
mod message;
mod reply;

pub use command::{COMMANDS_PER_FRAME_MAX, Commands, command_bytes_max};
pub use error::{ErrorCode, Failure, WireError};
pub use feed::{Credit, Events, FEED_CREDIT_MAX, FeedEvent, Happened, Position, Subscribe};
pub use frame::{FRAME_BYTES_MAX, FRAME_HEAD_BYTES, Frame, Kind, split};
pub use hello::{Hello, Owner, TOKEN_BYTES_MAX, VERSION, Welcome};
/// What commands are made of.
pub use hunt::{
    Action, Attempt, ClueId, Command, HuntId, IdError, PlayerId, RequestId, ShardId, TreasureId,
};
pub use message::{FromClient, FromServer};
pub use reply::{Grant, Outcome, Replied, Replies};

#[cfg(test)]
mod tests;
