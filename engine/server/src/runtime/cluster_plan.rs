//! What a node needs to be one of several: its number, its ports, how the others reach it.

use std::hash::Hasher;
use std::net::TcpListener;
use std::sync::Arc;

use node::NodeId;
use siphasher::sip::SipHasher24;

use crate::cluster::{LinkBoard, Secret};
use crate::connection::{ListenError, bind_each_core};
use crate::settings::ClusterSetting;
use crate::tls::LinkTls;

/// The number of a node that is alone on its store.
pub(super) const ALONE: NodeId = NodeId(1);

/// A node of a cluster, before its cores start.
pub(super) struct ClusterPlan {
    pub(super) node: NodeId,
    pub(super) settings: node::ClusterSettings,
    secret: Secret,
    board: Arc<LinkBoard>,
    tls: Option<Arc<LinkTls>>,
    listeners: std::vec::IntoIter<TcpListener>,
}

/// What one core needs to link up with other nodes.
pub(crate) struct LinkSetup {
    pub(crate) listener: TcpListener,
    pub(crate) secret: Secret,
    pub(crate) board: Arc<LinkBoard>,
    pub(crate) tls: Option<Arc<LinkTls>>,
}

impl ClusterPlan {
    /// Binds a socket for each core.
    pub(super) fn prepare(
        setting: &ClusterSetting,
        tls: Option<Arc<LinkTls>>,
        cores: usize,
    ) -> Result<Self, ListenError> {
        let (listen, listeners) = bind_each_core(setting.listen, cores)?;
        let address = setting
            .advertise
            .clone()
            .unwrap_or_else(|| listen.to_string());
        tracing::info!(%listen, advertise = address, "taking calls of other nodes");
        Ok(Self {
            node: setting.node.unwrap_or_else(|| number_of(&address)),
            settings: setting.for_node(address),
            secret: setting.secret.clone(),
            board: Arc::default(),
            tls,
            listeners: listeners.into_iter(),
        })
    }

    /// How its links are doing.
    pub(super) fn board(&self) -> Arc<LinkBoard> {
        self.board.clone()
    }

    /// What the next core needs.
    pub(super) fn next_core(&mut self) -> Option<LinkSetup> {
        Some(LinkSetup {
            listener: self.listeners.next()?,
            secret: self.secret.clone(),
            board: self.board.clone(),
            tls: self.tls.clone(),
        })
    }
}

/// The number of the node that is reached there: stable, and different where addresses are.
fn number_of(address: &str) -> NodeId {
    let mut hasher = SipHasher24::new();
    hasher.write(address.as_bytes());
    // As many bits as every JSON reader can hold, and never the numbers that people give by hand.
    NodeId(hasher.finish() >> 11 | 1 << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_made_of_addresses() {
        assert_eq!(number_of("a:1"), number_of("a:1"));
        assert_ne!(number_of("a:1"), number_of("a:2"));
        assert!(number_of("a:1").0 > u64::from(u32::MAX));
        assert!(number_of("a:1").0 < 1 << 53);
    }
}
