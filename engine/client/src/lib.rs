//! A client of the engine's binary protocol (`docs/wire.md`), for game servers: from any async runtime, or from none.
//!
//! ```no_run
//! use client::{Action, Client, Command, HuntId, Outcome, PlayerId, RequestId, Settings, TreasureId};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let token = std::fs::read_to_string("service.token")?;
//! let client = Client::start(&["10.0.0.1:7118"], token.trim(), Settings::default())?;
//!
//! let claim = Command {
//!     hunt: HuntId::new("harbour-lights")?,
//!     request: RequestId::new("ada-claims-gold")?, // the same again: the same claim, not a second one
//!     action: Action::Claim { player: PlayerId::new("ada")?, treasure: TreasureId::new("gold-coin")? },
//! };
//! let replied = client.send(claim)?.wait()?; // or `.await`
//! match replied.outcome {
//!     Outcome::Granted(grant) => println!("grant {} of shard {}", grant.seq, grant.shard),
//!     Outcome::SoldOut => println!("too late"),
//!     other => println!("{other:?}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What it does for you
//!
//! * **Each command goes to the core that owns its hunt**: the engine says which core listens on which port, and the client
//!   keeps a connection to each that it needs. Where that one can't be reached, any other takes the command and hands it on.
//! * **Commands that wait go together**: up to 8,190 in a frame, many frames under way. Nothing waits for company.
//! * **Exactly once**: a connection that breaks, an engine that is overloaded or whose shard moves: the same command is
//!   sent again under the same request id, until its time is up. What took effect is answered as it was.
//! * **Nothing grows without a limit** ([`Settings`]), and every command is answered in time, if only by an error that
//!   says whether it may have taken effect.
//!
//! ```text
//!   Client ──submissions──▶ thread `hunt-client`: router ─┬─ link ── session ── socket ─▶ core 0
//!     ▲                                                   └─ link ── session ── socket ─▶ core 1
//!     └── Call, Batch, Feed ◀── answers, events ──────────────┘
//! ```
//!
//! One thread of its own does all I/O; it belongs to no runtime, and what it hands back are plain futures, which can also
//! be waited for. Router, links and sessions know no socket and no clock. [`Session`] is public, for programs that have a
//! loop of their own.
//!
//! Commands are not ordered: of two that are under way at once, either may be decided first. Wait for an answer before
//! sending what depends on it.
#![allow(
    clippy::disallowed_methods,
    reason = "an edge crate: it runs in other people's programs, with their clock and a thread of its own"
)]

mod backoff;
mod call;
mod client;
mod counters;
mod driver;
mod endpoint;
mod error;
mod feed;
mod inbox;
mod item;
mod later;
mod link;
mod owners;
mod readers;
mod router;
mod session;
mod settings;
mod token;

pub use call::{Batch, Call};
pub use client::Client;
pub use counters::Counters;
pub use endpoint::{Endpoint, EndpointError};
pub use error::{Busy, CallError, FeedError, StartError};
pub use feed::Feed;
pub use owners::Owners;
pub use session::{Heard, Room, Session, SessionError, Written};
pub use settings::{COMMANDS_MAX_DEFAULT, FEED_EVENTS_DEFAULT, FEEDS_MAX, Settings};
pub use token::Token;
/// What is said, as the protocol has it.
pub use wire::{
    Action, Attempt, ClueId, Command, ErrorCode, Events, FeedEvent, Grant, Happened, HuntId,
    IdError, Outcome, PlayerId, Position, Replied, RequestId, TreasureId,
};
