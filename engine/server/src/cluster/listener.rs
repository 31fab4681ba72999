//! Takes the calls of other nodes on one core: strangers until they have proven who they are, and not many of those.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::net::TcpListener;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;

use futures::FutureExt;
use futures::future::{AbortHandle, abortable};

use super::channel::Channel;
use super::complaints::Complaints;
use super::error::LinkError;
use super::greeting::Caller;
use super::limits::{RECEIVERS_MAX, STRANGERS_MAX};
use super::links::Links;
use super::receiver::{Receiver, welcome};
use super::tally::Tally;
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
    receivers: RefCell<BTreeMap<Caller, AbortHandle>>,
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

    /// Takes calls until it is dropped, which also ends the links that it took.
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

impl Drop for LinkListener {
    fn drop(&mut self) {
        for receiver in self.shared.receivers.borrow().values() {
            receiver.abort();
        }
    }
}

impl Shared {
    async fn serve(&self, stream: Stream) {
        let stranger = Tally::one(&self.strangers);
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
        let receiver = Receiver {
            links: self.links.clone(),
            channel,
        };
        let (serving, handle) = abortable(receiver.serve());
        let before = self.receivers.borrow_mut().insert(caller, handle.clone());
        if let Some(before) = before {
            before.abort();
            // What was still to be read on that link is lost.
            self.links.post().lost_way_to(caller.node);
        }
        self.count();
        self.links.post().called_by(caller.node);
        let _open = self.links.count_open();
        let error = serving.await.unwrap_or(LinkError::Replaced);
        if !handle.is_aborted() {
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
