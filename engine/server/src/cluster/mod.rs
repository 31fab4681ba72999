//! Links between the nodes of a cluster: what a core says to a core of another node goes over TCP.
//!
//! ```text
//!   core of node A                                          core of node B (one port, SO_REUSEPORT)
//!   Host::send ─▶ Links ─▶ Outbox, bounded ─▶ dialler ══════▶ receiver ─▶ Post ─▶ this core, or over the mesh
//!                             nobody there: refused    ◀─────  pong            to the one that it is for
//! ```
//!
//! Each core dials each other node once, and who dials sends: the answers come over a link that the other node dialled. A
//! greeting proves on both sides that they have the secret, and that they can work together; only then is a letter read.
//! Letters may be lost, with the link; that a link broke is told to the node, so that nobody waits for what won't come.
//! Without TLS the secret keeps strangers out, but does not hide what is said.

mod address;
mod board;
mod channel;
mod complaints;
mod dialler;
mod error;
mod frame;
mod greeting;
mod hello;
mod limits;
mod link;
mod links;
mod listener;
mod outbox;
mod pulse;
mod receiver;
mod secret;
mod sockets;
mod tally;

pub(crate) use address::is_host_and_port;
pub use board::{LinkBoard, LinkMeters, LinkState};
pub(crate) use greeting::Identity;
pub(crate) use links::{LinkParts, Links, Post};
pub(crate) use listener::LinkListener;
pub use secret::{SECRET_BYTES_MIN, Secret, SecretTooShort};
