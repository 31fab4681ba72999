//! What comes into a core from outside: messages of other cores, wakes of foreign threads.

use std::cell::RefCell;
use std::rc::Rc;

use mesh::Port;

use super::bell::BoundBellPull;
use super::bridge::Bridge;

/// Messages taken from the mesh before other tasks get their turn.
const MESSAGES_PER_TURN_MAX: usize = 512;

/// This core's end of the mesh, shared by the host that sends and the pump that receives.
pub(crate) type SharedPort<T> = Rc<RefCell<Port<T>>>;

/// Delivers messages and wakes until the bell breaks, which it never does while the process lives.
pub(crate) async fn pump<T: Send>(
    port: SharedPort<T>,
    bridge: Bridge,
    mut bell: BoundBellPull,
    mut deliver: impl FnMut(T),
) -> std::io::Result<()> {
    let mut inbox = Vec::with_capacity(MESSAGES_PER_TURN_MAX);
    loop {
        let mut taken = port
            .borrow_mut()
            .drain(MESSAGES_PER_TURN_MAX, |_, message| inbox.push(message));
        // Outside the borrow: what is delivered may send at once.
        inbox.drain(..).for_each(&mut deliver);
        taken += bridge.drain();
        if taken > 0 {
            // What was woken runs before the next look; while the core is busy nobody has to ring.
            glommio::executor().yield_task_queue_now().await;
            continue;
        }
        let armed = port.borrow_mut().arm();
        if armed {
            if !bridge.is_pending() {
                bell.rung().await?;
            }
            port.borrow().disarm();
        }
    }
}
