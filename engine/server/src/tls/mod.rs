//! TLS, for clients and between nodes. Whoever sets no certificate pays nothing for it.
//!
//! ```text
//!   files (PEM) ──load──▶ ServerTls, LinkTls: the configuration that new connections get ◀──reload── SIGHUP
//!                                   │
//!                                   ▼
//!                      Session within connection::Stream: bytes of a socket ◀─▶ what is said over it
//! ```
//!
//! A connection keeps what it began with; certificates that can't be read again change nothing.

mod client;
mod error;
mod files;
mod link;
mod reload;
mod server;
mod session;

pub(crate) use client::trusting;
pub use error::TlsError;
pub use link::{LinkTls, LinkTlsSetting};
pub use reload::TlsReload;
pub use server::{ServerTls, TlsSetting};
pub(crate) use session::Session;

#[cfg(test)]
mod tests;
