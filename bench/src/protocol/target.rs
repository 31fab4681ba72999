//! Something that can be put under load.

use std::net::{SocketAddr, TcpStream};

use super::Protocol;
use crate::error::BenchError;

/// Where some of the hunts are served. Connections belong to a lane, and carry commands of its hunts only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Where to connect.
    pub address: SocketAddr,
    /// Numbers of the hunts.
    pub hunts: Vec<u64>,
}

/// A connection that is ready for load.
pub struct Link {
    /// Non-blocking.
    pub stream: TcpStream,
    /// What is spoken on it.
    pub protocol: Box<dyn Protocol>,
}

/// A server, as its clients see it.
pub trait Target: Send + Sync {
    /// Where which hunt is served: each hunt in exactly one lane.
    fn lanes(&self) -> &[Lane];

    /// Hunts in all.
    fn hunts(&self) -> u64 {
        self.lanes()
            .iter()
            .map(|lane| lane.hunts.len() as u64)
            .sum()
    }

    /// Commands that may be under way on one connection, if the target limits them.
    fn commands_under_way_max(&self) -> Option<u64> {
        None
    }

    /// Opens a connection; players on it are called `prefix` and their number.
    fn open(&self, lane: &Lane, prefix: &str) -> Result<Link, BenchError>;
}
