//! All ways from one core to the cores of other nodes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use node::{CoreAddress, CoreId, Message, NodeId, SendRefused, View};
use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::board::{LinkBoard, LinkMeters};
use super::dialler::keep;
use super::error::LinkError;
use super::greeting::Identity;
use super::hello::Nonce;
use super::limits::{CLOSING_MAX, CLOSING_POLL};
use super::link::Link;
use super::secret::Secret;
use super::tally::Tally;
use crate::runtime::{Bridge, fill_random, tasks, timers};
use crate::tls::LinkTls;

/// Where letters are delivered, and who is told that none will come.
pub(crate) trait Post {
    /// Delivers to a core of this node; if there is no room for it right now, the message comes back.
    fn deliver(&self, to: CoreId, message: Box<Message>) -> Result<(), Box<Message>>;

    /// A link with the node broke: what was asked of it may stay without an answer.
    fn lost_way_to(&self, node: NodeId);

    /// The node called, and has proven who it is.
    fn called_by(&self, node: NodeId);
}

/// The links of one core. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Links(Rc<Inner>);

/// What links are made of.
pub(crate) struct LinkParts {
    pub(crate) identity: Identity,
    pub(crate) secret: Secret,
    pub(crate) bridge: Bridge,
    pub(crate) post: Rc<dyn Post>,
    pub(crate) board: Arc<LinkBoard>,
    pub(crate) random: Xoshiro256PlusPlus,
    /// Both sides show each other certificates; none: links are in clear.
    pub(crate) tls: Option<Arc<LinkTls>>,
}

struct Inner {
    identity: Identity,
    secret: Secret,
    bridge: Bridge,
    post: Rc<dyn Post>,
    board: Arc<LinkBoard>,
    meters: Arc<LinkMeters>,
    random: RefCell<Xoshiro256PlusPlus>,
    tls: Option<Arc<LinkTls>>,
    nodes: RefCell<BTreeMap<NodeId, Rc<Link>>>,
    /// Connections that have been greeted and stand.
    open: Cell<usize>,
    is_closing: Cell<bool>,
}

impl Links {
    /// None yet: they come with the first view of the cluster.
    pub(crate) fn new(parts: LinkParts) -> Self {
        let meters = parts.board.meters(parts.identity.core);
        Self(Rc::new(Inner {
            identity: parts.identity,
            secret: parts.secret,
            bridge: parts.bridge,
            post: parts.post,
            board: parts.board,
            meters,
            random: RefCell::new(parts.random),
            tls: parts.tls,
            nodes: RefCell::default(),
            open: Cell::default(),
            is_closing: Cell::default(),
        }))
    }

    /// Sends a message to a core of another node.
    pub(crate) fn send(&self, to: CoreAddress, message: Message) -> Result<(), SendRefused> {
        match self.0.nodes.borrow().get(&to.node) {
            Some(link) => link.send(to.core, message, &self.0.meters),
            None => Err(SendRefused::NoWay(Box::new(message))),
        }
    }

    /// Links up with who has come, and lets go of who has left.
    pub(crate) fn meet(&self, view: &View) {
        if self.0.is_closing.get() {
            return;
        }
        let own = self.0.identity.node;
        let mut nodes = self.0.nodes.borrow_mut();
        nodes.retain(|node, link| {
            let stays = view.members().contains_key(node);
            if !stays {
                self.let_go(link);
            }
            stays
        });
        let others = view.members().iter().filter(|(node, _)| **node != own);
        for (node, member) in others {
            match nodes.get(node) {
                Some(link) => link.set_address(&member.address),
                None => {
                    let link = Rc::new(Link::new(*node, &member.address));
                    nodes.insert(*node, link.clone());
                    tasks::spawn(keep(self.clone(), link)).detach();
                }
            }
        }
    }

    /// Sends what waits, and ends all links that this core dialled; those that it took end with their listener.
    pub(crate) async fn close(&self) {
        self.0.is_closing.set(true);
        for (_, link) in std::mem::take(&mut *self.0.nodes.borrow_mut()) {
            self.let_go(&link);
        }
        let deadline = Instant::now() + CLOSING_MAX;
        while self.0.open.get() > 0 && Instant::now() < deadline {
            timers::sleep(CLOSING_POLL).await;
        }
    }

    /// The link ends soon; what becomes of it is not shown any more.
    fn let_go(&self, link: &Link) {
        link.give_up();
        self.0.board.remove(link.node, self.0.identity.core);
    }

    /// Counts a connection for as long as it stands.
    pub(super) fn count_open(&self) -> Tally<'_> {
        Tally::one(&self.0.open)
    }

    /// Bytes that nobody can foresee.
    pub(super) fn nonce(&self) -> Result<Nonce, LinkError> {
        let mut nonce = Nonce::default();
        fill_random(&mut nonce)?;
        Ok(nonce)
    }

    /// A number from 0 to 1.
    pub(super) fn chance(&self) -> f64 {
        f64::from(self.0.random.borrow_mut().next_u32()) / f64::from(u32::MAX)
    }

    pub(super) fn identity(&self) -> &Identity {
        &self.0.identity
    }

    pub(super) fn secret(&self) -> &Secret {
        &self.0.secret
    }

    pub(super) fn bridge(&self) -> &Bridge {
        &self.0.bridge
    }

    pub(super) fn post(&self) -> &dyn Post {
        &*self.0.post
    }

    pub(super) fn tls(&self) -> Option<&LinkTls> {
        self.0.tls.as_deref()
    }

    pub(super) fn board(&self) -> &LinkBoard {
        &self.0.board
    }

    pub(super) fn meters(&self) -> &LinkMeters {
        &self.0.meters
    }
}
