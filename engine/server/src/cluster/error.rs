//! Why a link is not there, or is no more.

use std::io;
use std::net::SocketAddr;

use super::frame::FrameError;

/// Why two nodes have no link; the text is what the log and `/v1/cluster` say.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    /// The address leads nowhere.
    #[error("{address:?} is no address that can be found: {detail}")]
    Address {
        /// As the node advertises it.
        address: String,
        /// What the resolver says.
        detail: String,
    },
    /// Nobody answers there.
    #[error("can't connect to {address}: {detail}")]
    Connect {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        detail: String,
    },
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(#[from] io::Error),
    /// The two sides found no TLS that both trust.
    #[error(
        "no TLS with the other side ({0}): all nodes of a cluster need certificates of one cluster_tls_ca, for the host that they advertise"
    )]
    Tls(String),
    /// The other side ended it.
    #[error("the other side closed the connection")]
    Closed,
    /// The greeting did not come to an end.
    #[error("the other side did not finish the greeting in time")]
    TooLate,
    /// Nothing is heard of the other side.
    #[error("nothing was heard of the other side for too long")]
    Silent,
    /// It is not wanted any more.
    #[error("the node left the cluster")]
    Left,
    /// A newer link of the same core took its place, or this node ends.
    #[error("it is not needed any more")]
    Replaced,
    /// What comes is no frame.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// What comes makes no sense at this point.
    #[error("{0}")]
    Nonsense(String),
    /// The other side has another secret.
    #[error("it does not have this node's cluster_secret: set the same on all nodes")]
    Secret,
    /// Both sides can't work together.
    #[error("{0}")]
    Misfit(String),
    /// The other side wants no link.
    #[error("it refuses this node: {0}")]
    Refused(String),
}

impl LinkError {
    /// Whether the other side should be told.
    pub(super) fn is_for_the_other(&self) -> bool {
        matches!(
            self,
            Self::Frame(_) | Self::Nonsense(_) | Self::Secret | Self::Misfit(_)
        )
    }

    /// Whether it is the operator who has to act, rather than time that helps.
    pub(super) fn is_a_mistake(&self) -> bool {
        matches!(
            self,
            Self::Frame(_)
                | Self::Nonsense(_)
                | Self::Secret
                | Self::Misfit(_)
                | Self::Refused(_)
                | Self::Tls(_)
        )
    }
}
