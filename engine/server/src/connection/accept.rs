//! The accept loop of one core.

use std::cell::Cell;
use std::io;
use std::net::TcpListener;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;

use futures::FutureExt;

use super::answer::{OVERLOADED, answer_and_close};
use super::handler::Handler;
use super::registry::Registry;
use super::serve::serve;
use super::stream::Stream;
use crate::runtime::{Listener, Socket, tasks};
use crate::tls::ServerTls;

/// Connections past the limit that are told so at once; beyond that they are closed without a word.
const REFUSALS_MAX: usize = 256;

/// Accepts connections and serves each in a task of its own.
pub struct Acceptor<H> {
    listener: Listener,
    registry: Registry,
    handler: H,
    refusing: Rc<Cell<usize>>,
    tls: Option<Arc<ServerTls>>,
}

impl<H: Handler> Acceptor<H> {
    /// Binds the listener to the running executor.
    pub fn new(listener: TcpListener, registry: Registry, handler: H) -> io::Result<Self> {
        Ok(Self {
            listener: Listener::new(listener)?,
            registry,
            handler,
            refusing: Rc::default(),
            tls: None,
        })
    }

    /// Clients have to speak TLS.
    #[must_use]
    pub fn with_tls(mut self, tls: Option<Arc<ServerTls>>) -> Self {
        self.tls = tls;
        self
    }

    /// Accepts until it is dropped.
    pub async fn run(&self) {
        self.listener
            .accept_all("a connection", |socket| self.admit(socket))
            .await;
    }

    fn admit(&self, socket: Socket) {
        let Some(place) = self.registry.register() else {
            return self.refuse(socket);
        };
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "a connection was gone before it was served");
            return;
        }
        let session = match self.tls.as_ref().map(|tls| tls.session()).transpose() {
            Ok(session) => session,
            Err(error) => return tracing::error!(%error, "no TLS for a client"),
        };
        let settings = self.registry.settings().clone();
        let handler = self.handler.clone();
        let connection = serve(socket, place, settings, session, handler.clone());
        handler.connection_opened();
        tasks::spawn(async move {
            // One client's request must not take the whole core with it, whatever it stumbled upon.
            if AssertUnwindSafe(connection).catch_unwind().await.is_err() {
                tracing::error!("serving a connection panicked; the connection is closed");
            }
            handler.connection_closed();
        })
        .detach();
    }

    fn refuse(&self, socket: Socket) {
        // Under TLS a refusal would cost more than what is refused.
        if self.refusing.get() >= REFUSALS_MAX || self.tls.is_some() {
            return;
        }
        self.refusing.set(self.refusing.get() + 1);
        let refusing = Rc::clone(&self.refusing);
        tasks::spawn(async move {
            answer_and_close(Stream::client(socket), OVERLOADED).await;
            refusing.set(refusing.get() - 1);
        })
        .detach();
    }
}
