//! What comes into a core from outside: messages of other cores, wakes of foreign threads.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use mesh::Port;

use super::bell::BoundBellPull;
use super::bridge::Bridge;

/// Messages taken from the mesh before other tasks get their turn.
const MESSAGES_PER_TURN_MAX: usize = 512;

/// Looks that find nothing before the bell is armed.
const LOOKS_BEFORE_SLEEP: u32 = 2;

/// If the other tasks took longer than this between two looks, the core is busy: the pump goes on looking, since a wait for
/// the bell would reach the kernel only when the core next talks to it, up to a whole time slice later.
const BUSY_ROUND: Duration = Duration::from_micros(20);

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
    let mut looks_in_vain = 0;
    loop {
        let mut taken = port
            .borrow_mut()
            .drain(MESSAGES_PER_TURN_MAX, |_, message| inbox.push(message));
        // Outside the borrow: what is delivered may send at once.
        inbox.drain(..).for_each(&mut deliver);
        taken += bridge.drain();
        looks_in_vain = if taken > 0 { 0 } else { looks_in_vain + 1 };
        if looks_in_vain <= LOOKS_BEFORE_SLEEP {
            // To the end of the queue: all others that are ready run before the next look.
            let before = Instant::now();
            glommio::executor().yield_now().await;
            if before.elapsed() > BUSY_ROUND {
                looks_in_vain = 0;
            }
            continue;
        }
        let armed = port.borrow_mut().arm();
        if armed {
            if !bridge.is_pending() {
                bell.rung().await?;
            }
            port.borrow().disarm();
        }
        looks_in_vain = 0;
    }
}
