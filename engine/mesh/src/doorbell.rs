//! How a sleeping core is woken, with one system call for many messages.
//!
//! The receiver arms the doorbell, looks at its rings ONCE MORE, and only then sleeps; a sender pushes, then rings.
//! Each writes and then looks at the other (Dekker's pattern), which plain Acquire/Release can't order. A fence of
//! `SeqCst` on both sides would; here instead all of them meet in read-modify-writes of ONE word, whose order is
//! total whatever the memory model, and which loom models exactly:
//!
//! ```text
//!   sender                               receiver
//!   push                                 drain the rings
//!   state.swap(AWAKE) ── ARMED? ──┐      state.swap(ARMED)          arm
//!                                 │      look at the rings again ── something? ─▶ state.swap(AWAKE), go on
//!            Bell::ring ◀─────────┘      sleep until the bell, then state.swap(AWAKE)     disarm
//! ```
//!
//! Take one message and one arming. Either the sender's swap comes after the arming: then this sender, or one
//! between the two, found ARMED and rings the bell. Or it comes before: then the arming (Acquire) reads from the
//! release sequence that the sender's swap (Release) heads, so the second look sees the message. The sequence never
//! breaks because no one ever stores to the word: every access is a read-modify-write, disarming too. For the
//! message of a sender that found AWAKE since another one is ringing, the same holds with the NEXT arming.

use std::sync::Arc;

use crate::padded::Padded;
use crate::sync::{AtomicU32, Ordering};

/// What wakes a sleeping core: on Linux, a write to its eventfd.
pub trait Bell: Send + Sync {
    /// Wakes the core if it sleeps; if it does not, its next sleep must end at once.
    ///
    /// Called from any thread. It must not block, and must not be forgotten while the core is awake (an eventfd keeps
    /// its count, a condition variable would need a flag).
    fn ring(&self);
}

/// One core's doorbell, shared by all who send to it.
///
/// Order for the receiver: clear the bell (read the eventfd), [`Doorbell::disarm`], take all messages,
/// [`Doorbell::arm`], look again, sleep. Clearing the bell between arming and sleeping would lose a wake-up.
pub struct Doorbell {
    state: Padded<AtomicU32>,
    bell: Arc<dyn Bell>,
}

/// The receiver looks at its rings by itself; nobody rings.
const AWAKE: u32 = 0;
/// The receiver sleeps or is about to; the first sender rings, and makes it AWAKE.
const ARMED: u32 = 1;

impl Doorbell {
    /// A doorbell whose receiver is awake.
    pub fn new(bell: Arc<dyn Bell>) -> Self {
        Self {
            state: Padded::new(AtomicU32::new(AWAKE)),
            bell,
        }
    }

    /// Sender: call after what you sent is visible. Rings the bell and returns true if the receiver was armed and no
    /// one else rang since.
    #[inline]
    pub fn ring(&self) -> bool {
        // Release: publishes the push. Nothing of the receiver's is read after it, so no Acquire.
        let armed = self.state.swap(AWAKE, Ordering::Release) == ARMED;
        if armed {
            self.bell.ring();
        }
        armed
    }

    /// Receiver: from now on the next sender rings. Look at ALL that can wake you once more before you sleep.
    #[inline]
    pub fn arm(&self) {
        // Acquire: whoever rang in vain before this is seen by the look that follows.
        self.state.swap(ARMED, Ordering::Acquire);
    }

    /// Receiver: awake again, or not going to sleep after all. Returns true if no one has rung since the arming; false
    /// means that the bell rings, or will at any moment, and that the next sleep may end without a message.
    #[inline]
    pub fn disarm(&self) -> bool {
        // A swap, not a store: a store would break the release sequence that `arm` rests on.
        self.state.swap(AWAKE, Ordering::Acquire) == ARMED
    }
}

#[cfg(not(loom))]
#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Bell for Count {
        fn ring(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Runs a script of calls; returns what each answered, and how often the bell rang.
    fn check(script: &str, answers: &str, bells: usize) {
        let bell = Arc::new(Count::default());
        let doorbell = Doorbell::new(Arc::clone(&bell) as Arc<dyn Bell>);
        let answered: Vec<&str> = script
            .split(' ')
            .map(|call| match call {
                "arm" => {
                    doorbell.arm();
                    "-"
                }
                "disarm" if doorbell.disarm() => "quiet",
                "disarm" => "rung",
                "ring" if doorbell.ring() => "bell",
                "ring" => "skip",
                _ => panic!("no such call: {call}"),
            })
            .collect();
        assert_eq!(answered.join(" "), answers, "{script}");
        assert_eq!(bell.0.load(Ordering::Relaxed), bells, "{script}");
    }

    #[test]
    fn a_receiver_that_is_awake_is_never_rung() {
        check("ring ring ring", "skip skip skip", 0);
    }

    #[test]
    fn many_messages_ring_once() {
        check("arm ring ring ring disarm", "- bell skip skip rung", 1);
    }

    #[test]
    fn each_arming_can_be_rung() {
        check(
            "arm ring disarm arm ring disarm",
            "- bell rung - bell rung",
            2,
        );
    }

    #[test]
    fn a_disarmed_doorbell_is_quiet() {
        check("arm disarm ring arm disarm", "- quiet skip - quiet", 0);
    }

    #[test]
    fn arming_twice_is_arming_once() {
        check("arm arm ring ring", "- - bell skip", 1);
    }
}
