//! The servers under test: started on loopback in a temporary folder, durable, checked and stopped afterwards.

mod engine;
mod files;
mod floor;
mod nats;
mod postgres;
mod process;
mod redis;
mod remote;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;

pub use engine::Engine;
pub(crate) use engine::definition;
pub use files::Folder;
pub use process::Process;
pub use remote::Remote;

use crate::error::BenchError;
use crate::protocol::Target;
use crate::workload::Workload;

/// Places that are tried for ports in a row.
const PORT_TRIES_MAX: usize = 100;

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// The engine, over its wire protocol
    Wire,
    /// The engine, over HTTP
    Http,
    /// PostgreSQL, `synchronous_commit=on`
    Postgres,
    /// Redis, `appendfsync always`
    Redis,
    /// NATS JetStream, `sync_interval: always`
    Nats,
    /// Nothing but sockets and disk, as the engine's HTTP API uses them
    FloorHttp,
    /// Nothing but sockets and disk, as its wire protocol uses them
    FloorWire,
}

impl Kind {
    /// Its name on the command line and in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wire => "wire",
            Self::Http => "http",
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Nats => "nats",
            Self::FloorHttp => "floor-http",
            Self::FloorWire => "floor-wire",
        }
    }

    /// Whether it is the engine.
    pub fn is_engine(self) -> bool {
        matches!(self, Self::Wire | Self::Http)
    }
}

/// How servers are started.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The engine's program.
    pub engine: PathBuf,
    /// The engine's `--cores`.
    pub cores: String,
    /// Hunts that the treasures are spread over.
    pub hunts: u64,
    /// The commands that will come: the hot treasure of Redis is another key.
    pub workload: Workload,
    /// Lets a server run that can't sync before it acknowledges.
    pub unsynced: bool,
}

/// What a server is, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct About {
    /// Its version, in its own words.
    pub version: String,
    /// When it syncs.
    pub durability: String,
}

/// What a server holds at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Events (claims, mostly) in its log.
    pub events: Option<u64>,
    /// Faults that `hunt-engine verify` found; none for who has no such check.
    pub faults: Option<u64>,
}

/// A server that runs.
pub trait Peer {
    /// As its clients see it.
    fn target(&self) -> &dyn Target;

    /// What it is.
    fn about(&self) -> &About;

    /// Its processes; empty if it runs elsewhere.
    fn processes(&self) -> Vec<u32>;

    /// Where its feed is read, with a token; none has one but the engine.
    fn feed(&self) -> Option<(SocketAddr, &str)> {
        None
    }

    /// Counts what it holds, and stops it.
    fn finish(self: Box<Self>) -> Result<Check, BenchError>;
}

/// Starts a server of this kind.
pub fn start(
    kind: Kind,
    settings: &Settings,
    folder: &Folder,
) -> Result<Box<dyn Peer>, BenchError> {
    if !kind.is_engine() && !settings.workload.is_claims() {
        return Err(BenchError::Usage(format!(
            "{} can only do claims: use --workload claim-spread or claim-hot",
            kind.name()
        )));
    }
    Ok(match kind {
        Kind::Wire | Kind::Http => Box::new(Engine::start(kind, settings, folder)?),
        Kind::Postgres => Box::new(postgres::Postgres::start(folder)?),
        Kind::Redis => Box::new(redis::Redis::start(settings, folder)?),
        Kind::Nats => Box::new(nats::Nats::start(settings, folder)?),
        Kind::FloorHttp | Kind::FloorWire => Box::new(floor::Floor::start(kind, settings, folder)?),
    })
}

/// An address on loopback where nobody listens at this moment.
fn free_address() -> Result<SocketAddr, BenchError> {
    free_addresses(1)
}

/// The first of so many addresses on loopback with ports in a row, where nobody listens at this moment.
fn free_addresses(count: u16) -> Result<SocketAddr, BenchError> {
    let failed = || BenchError::io("looking for a port");
    for _ in 0..PORT_TRIES_MAX {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(failed())?;
        let first = listener.local_addr().map_err(failed())?;
        let others = (1..count).all(|step| {
            let port = first.port().checked_add(step);
            port.is_some_and(|port| TcpListener::bind((first.ip(), port)).is_ok())
        });
        if others {
            return Ok(first);
        }
    }
    Err(BenchError::Usage(format!(
        "no {count} ports in a row are free on 127.0.0.1"
    )))
}
