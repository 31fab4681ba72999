//! What the tests of the whole share: the real program as a child process, a client that can also misbehave, tokens,
//! hunts to play and randomness that a seed repeats.
//!
//! ```text
//!  test ──Engine::start──▶ hunt-engine serve (child, own folder, free port)
//!    │                          ▲
//!    └──Client, Request─────────┘  HTTP/1.1 over plain sockets: can be cut, halved, pipelined
//! ```
//!
//! The client is written on plain blocking sockets, one thread per connection: what goes over the wire, and when it
//! breaks off, is then exactly what the test says.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests of the real program need real clocks, threads and processes, and fail by panicking"
)]

pub mod authority;
pub mod client;
pub mod engine;
pub mod game_server;
pub mod hunts;
pub mod players;
pub mod ports;
pub mod program;
pub mod random;
pub mod request;
pub mod scratch;
pub mod store;
pub mod tokens;
pub mod waiting;

pub use client::{Answer, Client};
pub use engine::{Engine, NotReady};
pub use game_server::GameServer;
pub use players::{feed, ok};
pub use program::{Ran, program, run, verify};
pub use random::Random;
pub use request::Request;
pub use scratch::Scratch;
pub use store::StoreUnderTest;
pub use tokens::{CLUSTER_SECRET, Role, SECRET, token, token_with};
pub use waiting::wait_until;
