//! Where what other nodes say is delivered: to this core, or over the mesh to the one that it is for.

use node::{Core, CoreAddress, CoreId, Host, Message, NodeId, SendRefused};
use store::Store;

use super::host::GlommioHost;
use crate::cluster::Post;

/// One core's post.
pub(crate) struct CorePost<S: Store> {
    pub(crate) host: GlommioHost<S>,
    pub(crate) core: Core<GlommioHost<S>>,
    /// Where that core is.
    pub(crate) here: CoreAddress,
}

impl<S: Store> Post for CorePost<S> {
    fn deliver(&self, to: CoreId, message: Box<Message>) -> Result<(), Box<Message>> {
        if to == self.here.core {
            self.core.deliver(*message);
            return Ok(());
        }
        let there = CoreAddress {
            core: to,
            ..self.here
        };
        match self.host.send(there, *message) {
            Err(SendRefused::Full(back)) => Err(back),
            // There is no such core: the other node had more when it was last heard of, or speaks of an earlier life.
            Ok(()) | Err(SendRefused::NoWay(_) | SendRefused::TooLarge(_)) => Ok(()),
        }
    }

    fn lost_way_to(&self, node: NodeId) {
        self.core.lost_way_to(node);
    }

    fn called_by(&self, node: NodeId) {
        self.core.called_by(node);
    }
}
