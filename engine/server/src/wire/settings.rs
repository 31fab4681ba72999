//! Limits of the binary protocol, and where its cores listen.

use std::net::SocketAddr;
use std::rc::Rc;

use node::Place;
use wire::{Owner, VERSION, Welcome};

/// Commands that one connection may have under way; a client that sends more is cut off.
pub(super) const COMMANDS_PER_CONNECTION_MAX: u32 = 65_536;

/// Commands that all connections of one core may have under way; frames past it are answered "overloaded".
pub(super) const COMMANDS_PER_CORE_MAX: usize = 262_144;

/// Bytes of answers that wait for a client to take them, past which its connection is not read.
pub(super) const OUTPUT_BYTES_MAX: usize = 1 << 20;

/// Feeds that one connection may subscribe to.
pub(super) const SUBSCRIPTIONS_MAX: usize = 16;

/// Where the cores of this node listen, by core.
#[derive(Clone, Debug)]
pub(crate) struct WirePorts(pub(crate) Vec<SocketAddr>);

/// What the connections of one core need to know.
#[derive(Clone, Debug)]
pub(crate) struct WireSettings {
    place: Place,
    shards: u16,
    ports: Rc<[u16]>,
    idle_ms: u32,
}

impl WireSettings {
    pub(crate) fn new(place: Place, shards: u16, ports: &WirePorts, idle_ms: u64) -> Self {
        Self {
            place,
            shards,
            ports: ports.0.iter().map(SocketAddr::port).collect(),
            idle_ms: u32::try_from(idle_ms).unwrap_or(u32::MAX),
        }
    }

    /// What a client is told first.
    pub(super) fn welcome(&self) -> Welcome {
        Welcome {
            version: VERSION,
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            core: self.place.core,
            shards: self.shards,
            owners: self.owners(),
            commands_under_way_max: COMMANDS_PER_CONNECTION_MAX,
            idle_ms: self.idle_ms,
        }
    }

    /// Who owns each shard, by shard.
    pub(super) fn owners(&self) -> Vec<Owner> {
        let owner = |shard: u16| Owner {
            host: String::new(),
            port: self.ports[usize::from(shard % self.place.cores)],
        };
        (0..self.shards).map(owner).collect()
    }
}
