//! The accept loop of one core.

use std::cell::Cell;
use std::net::TcpListener;
use std::os::fd::{FromRawFd, IntoRawFd};
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use glommio::net::TcpStream;

use super::answer::{OVERLOADED, answer_and_close};
use super::handler::Handler;
use super::registry::Registry;
use super::serve::serve;
use crate::runtime::timers;

/// Connections past the limit that are told so at once; beyond that they are closed without a word.
const REFUSALS_MAX: usize = 256;

/// How long to wait when the system refuses a connection (mostly: no descriptors left).
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// Accepts connections and serves each in a task of its own.
pub struct Acceptor<H> {
    listener: glommio::net::TcpListener,
    registry: Registry,
    handler: H,
    refusing: Rc<Cell<usize>>,
}

impl<H: Handler> Acceptor<H> {
    /// Binds the listener to the running executor.
    pub fn new(listener: TcpListener, registry: Registry, handler: H) -> Self {
        // SAFETY: the descriptor is owned, a listening socket, and given away here.
        let listener = unsafe { glommio::net::TcpListener::from_raw_fd(listener.into_raw_fd()) };
        Self {
            listener,
            registry,
            handler,
            refusing: Rc::default(),
        }
    }

    /// Accepts until it is dropped.
    pub async fn run(&self) {
        loop {
            match self.listener.accept().await {
                Ok(socket) => self.admit(socket),
                Err(error) => {
                    tracing::warn!(%error, "can't accept a connection; trying again");
                    timers::sleep(ACCEPT_RETRY).await;
                }
            }
            // Accepting never waits while clients queue: others must get their turn.
            glommio::yield_if_needed().await;
        }
    }

    fn admit(&self, socket: TcpStream) {
        let Some(place) = self.registry.register() else {
            return self.refuse(socket);
        };
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "a connection was gone before it was served");
            return;
        }
        let settings = self.registry.settings().clone();
        let handler = self.handler.clone();
        let connection = serve(socket, place, settings, handler.clone());
        handler.connection_opened();
        glommio::spawn_local(async move {
            // One client's request must not take the whole core with it, whatever it stumbled upon.
            if AssertUnwindSafe(connection).catch_unwind().await.is_err() {
                tracing::error!("serving a connection panicked; the connection is closed");
            }
            handler.connection_closed();
        })
        .detach();
    }

    fn refuse(&self, socket: TcpStream) {
        if self.refusing.get() >= REFUSALS_MAX {
            return;
        }
        self.refusing.set(self.refusing.get() + 1);
        let refusing = Rc::clone(&self.refusing);
        glommio::spawn_local(async move {
            answer_and_close(socket, OVERLOADED).await;
            refusing.set(refusing.get() - 1);
        })
        .detach();
    }
}
