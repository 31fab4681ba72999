//! The floor: what the machine itself takes for a durable answer.
//!
//! A server that decides nothing. It reads the requests that the engine reads, writes as many bytes to a file as the engine
//! would log, syncs them, and sends an answer of the engine's size. What the engine takes beyond that is its own work; nothing
//! that answers durably over the same sockets, from the same generator on the same processors, is much faster.
//!
//! ```text
//!   accept ─▶ worker (one a processor): read, count ─▶ log: write and sync what all workers have ─▶ worker: answer
//! ```

mod client;
mod framing;
mod log;
mod mailbox;
mod serve;
mod worker;

pub use framing::Protocol;
pub use serve::{Settings, serve};
