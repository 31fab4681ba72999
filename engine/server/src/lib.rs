//! The engine as a program: glommio, hyper, sockets, files.
//!
//! ```text
//!   main ─▶ cli ─▶ settings (flag > environment > file > default)
//!            │
//!            ▼
//!         runtime: one pinned executor per core ── mesh ── one store
//!            │ each core
//!            ├─ cluster: links to the cores of other nodes, if there are any
//!            ├─ connection: listener, HTTP/1.1 and HTTP/2, limits, time-outs
//!            │      └─▶ http: routes, roles, JSON ─▶ node::Core
//!            └─ pump: messages of other cores, wakes of the store's threads
//! ```
//!
//! This is the only crate that names a runtime or a socket; what it serves is decided in `node` and `hunt`.
#![allow(
    clippy::disallowed_methods,
    reason = "the edge of the program: here clocks, threads and the environment are real"
)]

pub mod cli;
pub mod cluster;
pub mod connection;
pub mod http;
pub mod runtime;
pub mod settings;
pub mod tls;
mod wire;
