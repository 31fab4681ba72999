//! The rules of a treasure hunt: pure commands in, events and replies out.
//!
//! ```text
//! Command ──decide(hunt, player, command, now)──▶ Decision::Event(body) ──▶ Event ──▶ HuntState::apply
//!                                                                             ├────▶ PlayerState::apply
//!                                                                             └────▶ Reply::of
//! ```
//!
//! Nothing here is async, reads a clock, draws a random number or does I/O: time and salt are arguments.

mod command;
mod event;
mod reply;

pub use command::{Action, Attempt, Command};
pub use event::{Event, EventBody, Granted, Index, RequestTag};
pub use reply::{Grant, Refusal, Reply};
