//! How this node shares its store with others.

use std::net::SocketAddr;
use std::time::Duration;

use node::{ADDRESS_BYTES_MAX, NodeId};

use super::error::SettingsError;
use super::layers::Values;
use super::table;
use crate::cluster::{Secret, is_host_and_port};
use crate::tls::LinkTlsSetting;

/// So often a node says that it lives while a lease runs.
const BEATS_PER_LEASE: u32 = 8;

/// For so many leases a request waits for a shard that moves: a takeover takes little more than one.
const LEASES_OF_PATIENCE: u32 = 2;
/// A question that stays without an answer is asked again within a request.
const ASKS_OF_PATIENCE: u32 = 2;

/// The settings of a node of a cluster.
#[derive(Clone, Debug)]
pub struct ClusterSetting {
    /// Its number; none: it is made of the advertised address.
    pub node: Option<NodeId>,
    /// Where it takes the calls of other nodes.
    pub listen: SocketAddr,
    /// How other nodes reach it; none: where it listens.
    pub advertise: Option<String>,
    /// What all nodes share and nobody else has.
    pub secret: Secret,
    /// A node whose heartbeat does not change for so long is taken for dead.
    pub lease: Duration,
    /// How long a request waits for its shard.
    pub patience: Duration,
    /// What nodes show each other; none: links are in clear.
    pub tls: Option<LinkTlsSetting>,
}

impl ClusterSetting {
    /// Reads them; none if the node is alone on its store.
    pub(super) fn read(values: &Values) -> Result<Option<Self>, SettingsError> {
        let listen = values.parse("cluster_listen", |text| match text {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|_| table::ADDRESS_EXPECTED.to_owned()),
        })?;
        let Some(listen) = listen else {
            return Ok(None);
        };
        let advertise = values.parse("cluster_advertise", |text| advertise(listen, text))?;
        let secret = values.parse_secret("cluster_secret", |text| {
            Secret::new(text).map_err(|error| error.to_string())
        })?;
        let lease = Duration::from_millis(values.integer("lease_ms"));
        let ask_timeout = Duration::from_millis(values.integer("ask_timeout_ms"));
        Ok(Some(Self {
            node: values.integer_or_auto("node").map(NodeId),
            listen,
            advertise,
            secret,
            lease,
            patience: (lease * LEASES_OF_PATIENCE).max(ask_timeout * ASKS_OF_PATIENCE),
            tls: super::tls::read_links(values)?,
        }))
    }

    /// As the node takes them, with the address that others reach it at.
    pub(crate) fn for_node(&self, address: String) -> node::ClusterSettings {
        node::ClusterSettings {
            lease: self.lease,
            heartbeat: self.lease / BEATS_PER_LEASE,
            address,
            patience: self.patience,
        }
    }
}

fn advertise(listen: SocketAddr, text: &str) -> Result<Option<String>, String> {
    match text {
        "" if listen.ip().is_unspecified() => Err(format!(
            "{listen} is all addresses: expected how other nodes reach this one, such as 10.0.0.5:{} or a name and a port",
            listen.port()
        )),
        "" => Ok(None),
        text if text.len() > ADDRESS_BYTES_MAX => {
            Err(format!("expected at most {ADDRESS_BYTES_MAX} bytes"))
        }
        text if is_host_and_port(text) => Ok(Some(text.to_owned())),
        _ => Err(
            "expected a host and a port, such as 10.0.0.5:7118 or engine-1.example.org:7118"
                .to_owned(),
        ),
    }
}
