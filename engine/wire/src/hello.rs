//! How a connection begins.

use bincode::{BorrowDecode, Encode};

/// The version of the protocol that this crate speaks.
pub const VERSION: u16 = 1;

/// Bytes of a token.
pub const TOKEN_BYTES_MAX: usize = 8 << 10;

/// The first frame of a client.
#[derive(Clone, PartialEq, Eq, Encode, BorrowDecode)]
pub struct Hello {
    /// [`VERSION`].
    pub version: u16,
    /// A JWT of role `service`, as the HTTP API takes it.
    pub token: String,
    /// The client's name and version, for the engine's log.
    pub client: String,
}

/// A token is a secret: it belongs in no log.
impl std::fmt::Debug for Hello {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hello")
            .field("version", &self.version)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

/// What the engine answers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, BorrowDecode)]
pub struct Welcome {
    /// The version that both speak.
    pub version: u16,
    /// The engine's version, for people.
    pub engine: String,
    /// Core that holds this connection: an index into `owners`' ports.
    pub core: u16,
    /// Shards of the cluster. A hunt's shard is [`hunt::HuntId::shard`] of this.
    pub shards: u16,
    /// Who owns each shard, by shard. A hint: any core takes any command and hands it on.
    pub owners: Vec<Owner>,
    /// Commands that may be under way on the connection; more is a [`crate::ErrorCode::FlowControl`].
    pub commands_under_way_max: u32,
    /// Milliseconds without any frame after which the engine closes the connection.
    pub idle_ms: u32,
}

/// Where a shard is served.
#[derive(Clone, Debug, PartialEq, Eq, Encode, BorrowDecode)]
pub struct Owner {
    /// Host name or address of the node; empty: the one that the client is connected to.
    pub host: String,
    /// Port of the owning core's own listener.
    pub port: u16,
}
