//! Takes the calls of other nodes on one core: strangers until they have proven who they are, and not many of those.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::net::TcpListener;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;

use futures::FutureExt;

use super::channel::Channel;
use super::complaints::Complaints;
use super::error::LinkError;
use super::greeting::Caller;
use super::limits::{RECEIVERS_MAX, STRANGERS_MAX};
use super::links::Links;
use super::receiver::{Receiver, welcome};
use crate::connection::Stream;
use crate::runtime::{Listener, Socket, tasks};

/// Takes calls for one core.
pub(crate) struct LinkListener {
    listener: Listener,
    shared: Rc<Shared>,
}

struct Shared {
    links: Links,
    strangers: Cell<usize>,
    receivers: RefCell<BTreeMap<Caller, Rc<Cell<bool>>>>,
    complaints: Complaints,
}

impl LinkListener {
    /// Binds the listener to the running executor.
    pub(crate) fn new(listener: TcpListener, links: Links) -> io::Result<Self> {
        let shared = Shared {
            links,
            strangers: Cell::new(0),
            receivers: RefCell::default(),
            complaints: Complaints::default(),
        };
        Ok(Self {
            listener: Listener::new(listener)?,
            shared: Rc::new(shared),
        })
    }

    /// Takes calls until it is dropped.
    pub(crate) async fn run(&self) {
        self.listener
            .accept_all("a node's call", |socket| self.admit(socket))
            .await;
    }

    /// A caller past the limit is hung up on: it was promised nothing yet, and calls again.
    fn admit(&self, socket: Socket) {
        let shared = self.shared.clone();
        let held = shared.receivers.borrow().len();
        if shared.strangers.get() >= STRANGERS_MAX || held >= RECEIVERS_MAX {
            return;
        }
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "a caller was gone before it was heard");
            return;
        }
        let stream = Stream::client(socket);
        tasks::spawn(async move {
            // One caller's frame must not take the whole core with it, whatever it stumbled upon.
            if AssertUnwindSafe(shared.serve(stream))
                .catch_unwind()
                .await
                .is_err()
            {
                tracing::error!("serving a link panicked; the link is closed");
            }
        })
        .detach();
    }
}

/// Counts a caller for as long as nobody knows who it is.
struct Stranger<'a>(&'a Cell<usize>);

impl<'a> Stranger<'a> {
    fn count(strangers: &'a Cell<usize>) -> Self {
        strangers.set(strangers.get() + 1);
        Self(strangers)
    }
}

impl Drop for Stranger<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Shared {
    async fn serve(&self, stream: Stream) {
        let stranger = Stranger::count(&self.strangers);
        let greeted = welcome(&self.links, stream).await;
        drop(stranger);
        match greeted {
            Ok((caller, channel)) => self.receive(caller, channel).await,
            // Whoever looks whether the port is open closes without a word.
            Err(LinkError::Closed) => {}
            Err(error) => self.complaints.complain("a caller", &error),
        }
    }

    async fn receive(&self, caller: Caller, channel: Channel) {
        let is_replaced = Rc::<Cell<bool>>::default();
        let before = self
            .receivers
            .borrow_mut()
            .insert(caller, is_replaced.clone());
        if let Some(before) = before {
            before.set(true);
        }
        self.count();
        let receiver = Receiver {
            links: self.links.clone(),
            channel,
            is_replaced: is_replaced.clone(),
        };
        let error = receiver.serve().await;
        if !is_replaced.get() {
            self.receivers.borrow_mut().remove(&caller);
            self.count();
            // Answers may have been under way on it.
            self.links.post().lost_way_to(caller.node);
        }
        tracing::debug!(node = caller.node.0, core = caller.core, %error, "a node's link ended");
    }

    fn count(&self) {
        let now = self.receivers.borrow().len() as u64;
        self.links.meters().receivers.store(now, Relaxed);
    }
}
