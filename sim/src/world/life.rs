//! One life of one node: from the start of its process to its end, and the queues that its cores read.
//!
//! ```text
//!   core 0 ──ring──▶┐
//!   core 2 ──ring──▶┤ inbox of core 1 ─▶ pump (a task of core 1) ─▶ Core::deliver
//!   network ───────▶┘
//! ```

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::task::{Poll, Waker};

use node::{Message, SendRefused};

use crate::kernel::LifeId;

/// Messages of other nodes that wait for a core; past it they are lost, as in a full socket buffer.
pub(crate) const INBOX_MESSAGES_MAX: usize = 4_096;

/// A node's process.
pub(crate) struct Life {
    id: LifeId,
    node: u16,
    alive: Cell<bool>,
    inboxes: Vec<Inbox>,
}

/// What waits for one core.
#[derive(Default)]
struct Inbox {
    /// From each core of the node; reliable and in order.
    rings: Vec<RefCell<VecDeque<Message>>>,
    network: RefCell<VecDeque<Message>>,
    pump: RefCell<Option<Waker>>,
    rung: Cell<bool>,
}

impl Life {
    /// A process with this many cores.
    pub(crate) fn new(id: LifeId, node: u16, cores: u16) -> Self {
        let inbox = || Inbox {
            rings: (0..cores).map(|_| RefCell::default()).collect(),
            ..Inbox::default()
        };
        Self {
            id,
            node,
            alive: Cell::new(true),
            inboxes: (0..cores).map(|_| inbox()).collect(),
        }
    }

    /// Names it in the run.
    pub(crate) fn id(&self) -> LifeId {
        self.id
    }

    /// Which node's.
    pub(crate) fn node(&self) -> u16 {
        self.node
    }

    /// It goes on.
    pub(crate) fn is_alive(&self) -> bool {
        self.alive.get()
    }

    /// Nothing of it acts from now on.
    pub(crate) fn end(&self) {
        self.alive.set(false);
    }

    /// Puts a message on the ring between two cores; handed back if `messages_max` lie there.
    /// Says who is to be woken for it, unless somebody already has been.
    pub(crate) fn ring(
        &self,
        from: u16,
        to: u16,
        message: Message,
        messages_max: usize,
    ) -> Result<Option<Waker>, SendRefused> {
        let inbox = &self.inboxes[usize::from(to)];
        let mut ring = inbox.rings[usize::from(from)].borrow_mut();
        if ring.len() >= messages_max {
            return Err(SendRefused::Full(Box::new(message)));
        }
        ring.push_back(message);
        if inbox.rung.replace(true) {
            return Ok(None);
        }
        Ok(inbox.pump.borrow().clone())
    }

    /// A message of another node arrives. False if there is no room for it.
    pub(crate) fn arrive(&self, to: u16, message: Message) -> bool {
        let Some(inbox) = self.inboxes.get(usize::from(to)) else {
            return false;
        };
        let mut queue = inbox.network.borrow_mut();
        if queue.len() >= INBOX_MESSAGES_MAX {
            return false;
        }
        queue.push_back(message);
        if let Some(pump) = inbox.pump.borrow().as_ref() {
            pump.wake_by_ref();
        }
        true
    }

    /// Hands every message to `deliver`, for as long as the core lives.
    pub(crate) async fn pump(&self, core: u16, deliver: impl Fn(Message)) {
        let inbox = &self.inboxes[usize::from(core)];
        std::future::poll_fn(|context| {
            inbox.rung.set(false);
            let mut pump = inbox.pump.borrow_mut();
            if !pump
                .as_ref()
                .is_some_and(|known| known.will_wake(context.waker()))
            {
                *pump = Some(context.waker().clone());
            }
            drop(pump);
            for queue in inbox.rings.iter().chain([&inbox.network]) {
                // What is delivered may send: nothing stays borrowed meanwhile.
                let waiting = std::mem::take(&mut *queue.borrow_mut());
                waiting.into_iter().for_each(&deliver);
            }
            Poll::Pending
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_ring_hands_the_message_back() {
        let life = Life::new(1, 1, 2);
        assert!(life.ring(0, 1, Message::FeedAdvanced, 2).is_ok());
        assert!(life.ring(0, 1, Message::FeedAdvanced, 2).is_ok());
        assert!(life.ring(0, 1, Message::FeedAdvanced, 2).is_err());
        assert!(life.ring(1, 0, Message::FeedAdvanced, 2).is_ok());
    }

    #[test]
    fn too_much_from_the_network_is_lost() {
        let life = Life::new(1, 1, 1);
        let taken = (0..INBOX_MESSAGES_MAX + 3).filter(|_| life.arrive(0, Message::FeedAdvanced));
        assert_eq!(taken.count(), INBOX_MESSAGES_MAX);
        assert!(!life.arrive(5, Message::FeedAdvanced));
    }
}
