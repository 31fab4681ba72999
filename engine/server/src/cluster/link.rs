//! The way from this core to one other node.

use std::cell::{Cell, RefCell};

use node::{CoreId, Message, NodeId, SendRefused};

use super::board::{LinkMeters, add};
use super::complaints::Complaints;
use super::outbox::{NotTaken, Outbox};

/// What its task and those who send share.
pub(super) struct Link {
    /// Where it leads.
    pub(super) node: NodeId,
    /// What was last said about it.
    pub(super) complaints: Complaints,
    address: RefCell<String>,
    outbox: RefCell<Outbox>,
    is_up: Cell<bool>,
    is_wanted: Cell<bool>,
}

impl Link {
    /// To a node that was not dialled yet.
    pub(super) fn new(node: NodeId, address: &str) -> Self {
        Self {
            node,
            complaints: Complaints::default(),
            address: RefCell::new(address.to_owned()),
            outbox: RefCell::default(),
            is_up: Cell::new(false),
            is_wanted: Cell::new(true),
        }
    }

    /// Where the node is to be dialled.
    pub(super) fn address(&self) -> String {
        self.address.borrow().clone()
    }

    /// The node is to be dialled there from the next time on.
    pub(super) fn set_address(&self, address: &str) {
        if *self.address.borrow() != address {
            self.address.replace(address.to_owned());
        }
    }

    /// Sends a message to a core of the node.
    pub(super) fn send(
        &self,
        to: CoreId,
        message: Message,
        meters: &LinkMeters,
    ) -> Result<(), SendRefused> {
        if !self.is_up.get() {
            return Err(SendRefused::NoWay(Box::new(message)));
        }
        match self.outbox.borrow_mut().put(to, &message) {
            Ok(()) => Ok(()),
            Err(NotTaken::Full) => {
                add(&meters.refused, 1);
                Err(SendRefused::Full(Box::new(message)))
            }
            Err(NotTaken::TooLarge) => Err(SendRefused::TooLarge(Box::new(message))),
            Err(NotTaken::Private) => Err(SendRefused::NoWay(Box::new(message))),
        }
    }

    /// What waits to be sent.
    pub(super) fn outbox(&self) -> &RefCell<Outbox> {
        &self.outbox
    }

    /// Letters are taken from now on.
    pub(super) fn come_up(&self) {
        self.is_up.set(true);
    }

    /// No more letters are taken; says whether any were, and how many are lost.
    pub(super) fn go_down(&self) -> (bool, u64) {
        (self.is_up.take(), self.outbox.borrow_mut().clear())
    }

    /// The node is a member of the cluster.
    pub(super) fn is_wanted(&self) -> bool {
        self.is_wanted.get()
    }

    /// The node left: its task ends soon.
    pub(super) fn give_up(&self) {
        self.is_wanted.set(false);
        self.outbox.borrow_mut().wake();
    }
}
