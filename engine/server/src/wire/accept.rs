//! The accept loop of one core's own port.

use std::io;
use std::net::TcpListener;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use futures::FutureExt;
use node::{Core, Host};

use super::connection::Connection;
use super::requests::UnderWay;
use super::settings::WireSettings;
use crate::connection::Registry;
use crate::http::auth::Keys;
use crate::runtime::{Listener, Socket, tasks};

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
    listener: Listener,
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
    ) -> io::Result<Self> {
        let shared = Shared {
            host,
            core,
            keys,
            settings,
            under_way: UnderWay::default(),
        };
        Ok(Self {
            listener: Listener::new(listener)?,
            registry,
            shared: Rc::new(shared),
        })
    }

    /// Accepts until it is dropped.
    pub(crate) async fn run(&self) {
        self.listener
            .accept_all("a game server", |socket| self.admit(socket))
            .await;
    }

    /// A connection past the limit is closed without a word: it was promised nothing yet.
    fn admit(&self, socket: Socket) {
        let Some(place) = self.registry.register() else {
            return;
        };
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "a game server was gone before it was served");
            return;
        }
        let connection = Connection::new(socket, place, Rc::clone(&self.shared));
        tasks::spawn(async move {
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
