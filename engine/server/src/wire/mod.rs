//! The binary protocol of game servers (`docs/wire.md`) on this core's own port.
//!
//! ```text
//!   listener (one port per core) ─▶ registry ─▶ hello ─▶ connection: read ─▶ frames ─▶ Core::ask_many
//!                                                          ▲                                │
//!                                                          └── write ◀── output ◀── replies ┘
//! ```

mod accept;
mod connection;
mod convert;
mod feed;
mod hello;
mod output;
mod requests;
mod settings;

pub(crate) use accept::WireAcceptor;
pub(crate) use settings::{WirePorts, WireSettings};
