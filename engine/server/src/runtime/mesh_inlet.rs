//! What comes into a core of an engine: messages of other cores, wakes of the store's threads.

use std::cell::RefCell;
use std::rc::Rc;

use mesh::Port;

use super::bridge::Bridge;
use super::pump::Inlet;

/// Messages taken from the mesh before other tasks get their turn.
const MESSAGES_PER_TURN_MAX: usize = 512;

/// This core's end of the mesh, shared by the host that sends and the pump that receives.
pub(crate) type SharedPort<T> = Rc<RefCell<Port<T>>>;

/// One core's port and bridge.
pub(crate) struct MeshInlet<T: Send, D> {
    port: SharedPort<T>,
    bridge: Bridge,
    deliver: D,
    /// Kept between turns for its room.
    inbox: Vec<T>,
}

impl<T: Send, D: FnMut(T)> MeshInlet<T, D> {
    /// Hands each message to `deliver`.
    pub(crate) fn new(port: SharedPort<T>, bridge: Bridge, deliver: D) -> Self {
        Self {
            port,
            bridge,
            deliver,
            inbox: Vec::with_capacity(MESSAGES_PER_TURN_MAX),
        }
    }
}

impl<T: Send, D: FnMut(T)> Inlet for MeshInlet<T, D> {
    fn take(&mut self) -> usize {
        let inbox = &mut self.inbox;
        let taken = self
            .port
            .borrow_mut()
            .drain(MESSAGES_PER_TURN_MAX, |_, message| inbox.push(message));
        // Outside the borrow: what is delivered may send at once.
        inbox.drain(..).for_each(&mut self.deliver);
        taken + self.bridge.drain()
    }

    fn arm(&mut self) -> bool {
        if !self.port.borrow_mut().arm() {
            return false;
        }
        if self.bridge.is_pending() {
            self.disarm();
            return false;
        }
        true
    }

    fn disarm(&mut self) {
        self.port.borrow().disarm();
    }
}
