//! A listening socket on this core.

use std::future::poll_fn;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

use super::{Reactor, Socket, Source};
use crate::runtime::timers;

/// How long to wait when the system refuses a connection (mostly: no descriptors left).
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// Accepts connections for the core that made it.
pub(crate) struct Listener {
    /// Goes before the socket is closed.
    source: Source,
    listener: TcpListener,
}

impl Listener {
    /// Takes a listening socket over.
    pub(crate) fn new(listener: TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let source = Reactor::current()?.register(&listener)?;
        Ok(Self { source, listener })
    }

    /// Hands each connection to `admit`, until it is dropped; `what` names in the log who could not be accepted.
    pub(crate) async fn accept_all(&self, what: &str, mut admit: impl FnMut(Socket)) {
        loop {
            match self.accept().await {
                Ok(socket) => admit(socket),
                Err(error) => {
                    tracing::warn!(%error, "can't accept {what}; trying again");
                    timers::sleep(ACCEPT_RETRY).await;
                }
            }
            // Accepting never waits while clients queue: others must get their turn.
            glommio::executor().yield_now().await;
        }
    }

    async fn accept(&self) -> io::Result<Socket> {
        let read = &self.source.readiness.read;
        let accepted = poll_fn(|context| read.poll_call(context, || self.listener.accept()));
        Socket::new(accepted.await?.0)
    }
}
