//! The accept loop of one core's own port.

use std::net::TcpListener;
use std::os::fd::{FromRawFd, IntoRawFd};
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use glommio::net::TcpStream;
use node::{Core, Host};

use super::connection::Connection;
use super::requests::UnderWay;
use super::settings::WireSettings;
use crate::connection::Registry;
use crate::http::auth::Keys;
use crate::runtime::timers;

/// How long to wait when the system refuses a connection (mostly: no descriptors left).
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// What the connections of one core share.
pub(super) struct Shared<H: Host> {
    pub(super) host: H,
    pub(super) core: Core<H>,
    pub(super) keys: Rc<Keys>,
    pub(super) settings: WireSettings,
    pub(super) under_way: UnderWay,
}

/// Accepts game servers and serves each in a task of its own.
pub(crate) struct WireAcceptor<H: Host> {
    listener: glommio::net::TcpListener,
    registry: Registry,
    shared: Rc<Shared<H>>,
}

impl<H: Host> WireAcceptor<H> {
    /// Binds the listener to the running executor.
    pub(crate) fn new(
        listener: TcpListener,
        registry: Registry,
        host: H,
        core: Core<H>,
        keys: Rc<Keys>,
        settings: WireSettings,
    ) -> Self {
        // SAFETY: the descriptor is owned, a listening socket, and given away here.
        let listener = unsafe { glommio::net::TcpListener::from_raw_fd(listener.into_raw_fd()) };
        let shared = Shared {
            host,
            core,
            keys,
            settings,
            under_way: UnderWay::default(),
        };
        Self {
            listener,
            registry,
            shared: Rc::new(shared),
        }
    }

    /// Accepts until it is dropped.
    pub(crate) async fn run(&self) {
        loop {
            match self.listener.accept().await {
                Ok(socket) => self.admit(socket),
                Err(error) => {
                    tracing::warn!(%error, "can't accept a game server; trying again");
                    timers::sleep(ACCEPT_RETRY).await;
                }
            }
            // Accepting never waits while clients queue: others must get their turn.
            glommio::yield_if_needed().await;
        }
    }

    /// A connection past the limit is closed without a word: it was promised nothing yet.
    fn admit(&self, socket: TcpStream) {
        let Some(place) = self.registry.register() else {
            return;
        };
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "a game server was gone before it was served");
            return;
        }
        let connection = Connection::new(socket, place, Rc::clone(&self.shared));
        glommio::spawn_local(async move {
            // One client's frame must not take the whole core with it, whatever it stumbled upon.
            if AssertUnwindSafe(connection.serve())
                .catch_unwind()
                .await
                .is_err()
            {
                tracing::error!("serving a game server panicked; the connection is closed");
            }
        })
        .detach();
    }
}
