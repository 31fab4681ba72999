//! Sockets in, HTTP requests out: everything that a client may do to a connection is bounded here.
//!
//! ```text
//!   listener (one per core, SO_REUSEPORT) ──accept──▶ registry: how many, who is late
//!        │ past the limit: 503, closed                    ▲ sweep: heads, idleness, stuck writes
//!        ▼                                                │
//!   preface: HTTP/1.1 or HTTP/2? ──▶ hyper over Stream ───┘──▶ Handler (the API)
//! ```

mod accept;
mod activity;
mod answer;
mod executor;
mod handler;
mod listener;
mod preface;
mod registry;
mod serve;
mod settings;
mod stream;
mod tracked;

pub use accept::Acceptor;
pub(crate) use activity::End;
pub use executor::LocalTasks;
pub use handler::Handler;
pub use listener::{ListenError, bind_each_core, bind_own_ports};
pub(crate) use registry::Registered;
pub use registry::{ConnectionCounts, Registry};
pub use settings::{ConnectionSettings, HEAD_BYTES_MIN};
pub use stream::Stream;
pub(crate) use stream::{READ_BYTES_MAX, give_back};

#[cfg(test)]
mod tests;
