//! How threads that are no core wake the futures of a core.
//!
//! A committer thread or a client library's network thread completes what a core's future waits for. Waking that
//! future's own waker from there is slow or unsound in a thread-per-core runtime. So the future lends the thread a
//! [`SlotWaker`] instead: to wake is to set one bit and ring the core's [`Doorbell`]. The core drains the bits and
//! wakes its futures itself.
//!
//! ```text
//!   foreign thread: SlotWaker::wake ── fetch_or(bit) ──▶ [0100…][0001…] ── swap(0) ──▶ owner: drain(|slot| …)
//!                                  └─ Doorbell::ring ─▶ wakes the owner if it sleeps
//! ```
//!
//! A bit can't overflow, so a thousand wakes are one. It says "look again", never "done": a wake by a waker that
//! outlived its slot sets the bit of the slot's next holder, who looks once for nothing. That is why no generation is
//! needed. The opposite, a lost wake, can't be: nobody clears a bit but the drain that reports it, and a drain takes
//! the bits BEFORE it reports, so a wake during a drain is in it or stays for the next one.
//!
//! Orderings: `fetch_or` Release → `swap` Acquire, so that who is woken sees what was done before the wake; all
//! accesses that write are read-modify-writes, so each wake's release sequence reaches the swap. A wake publishes its
//! bit before it rings, as a push does; hence the doorbell's proof covers it.

#[cfg(not(loom))]
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Wake, Waker};

use crate::doorbell::Doorbell;
use crate::sync::{AtomicU64, Ordering};

/// The most slots that one set may have; a drain looks at every word, 64 slots each.
pub const WAKE_SLOTS_MAX: usize = 1 << 16;

/// The slots of one core, which alone may hold this (it is not `Send`).
pub struct WakeSet {
    owner: Rc<Owner>,
}

/// One future's place in a [`WakeSet`]; dropping it gives the place back.
pub struct Slot {
    owner: Rc<Owner>,
    index: usize,
}

/// Wakes the holder of one slot, from any thread; it may outlive the slot and the set.
#[derive(Clone)]
pub struct SlotWaker(Arc<SlotBit>);

/// What only the owner's core touches.
struct Owner {
    bits: Arc<Bits>,
    /// One per slot, made in advance: lending a waker allocates nothing, and `Waker::will_wake` holds.
    wakers: Box<[Arc<SlotBit>]>,
    held: Box<[Cell<bool>]>,
    free: RefCell<Vec<usize>>,
}

/// What the wakers reach.
struct Bits {
    words: Box<[AtomicU64]>,
    doorbell: Arc<Doorbell>,
}

struct SlotBit {
    bits: Arc<Bits>,
    index: usize,
}

const WORD_BITS: usize = u64::BITS as usize;

impl WakeSet {
    /// A set of `capacity` slots, all allocated now, whose wakes ring `doorbell`.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0 or above [`WAKE_SLOTS_MAX`].
    pub fn new(capacity: usize, doorbell: Arc<Doorbell>) -> Self {
        assert!(
            (1..=WAKE_SLOTS_MAX).contains(&capacity),
            "a wake set must have 1 to {WAKE_SLOTS_MAX} slots, not {capacity}"
        );
        let words = (0..capacity.div_ceil(WORD_BITS))
            .map(|_| AtomicU64::new(0))
            .collect();
        let bits = Arc::new(Bits { words, doorbell });
        let waker = |index| {
            Arc::new(SlotBit {
                bits: Arc::clone(&bits),
                index,
            })
        };
        let wakers = (0..capacity).map(waker).collect();
        let held = (0..capacity).map(|_| Cell::new(false)).collect();
        let free = RefCell::new((0..capacity).rev().collect());
        Self {
            owner: Rc::new(Owner {
                bits,
                wakers,
                held,
                free,
            }),
        }
    }

    /// Takes a free slot; `None` if all are held, which is the moment to answer "overloaded".
    pub fn slot(&self) -> Option<Slot> {
        let index = self.owner.free.borrow_mut().pop()?;
        self.owner.held[index].set(true);
        Some(Slot {
            owner: Rc::clone(&self.owner),
            index,
        })
    }

    /// Reports each held slot that was woken since the last drain, once; returns how many.
    ///
    /// `woken` may take and drop slots. A slot may be reported without a wake by its present holder.
    pub fn drain(&self, mut woken: impl FnMut(usize)) -> usize {
        let mut count = 0;
        for (at, word) in self.owner.bits.words.iter().enumerate() {
            // A look first, to leave the line alone when nothing is set; a wake it misses is for the next drain.
            if word.load(Ordering::Relaxed) == 0 {
                continue;
            }
            let mut bits = word.swap(0, Ordering::Acquire);
            while bits != 0 {
                let index = at * WORD_BITS + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                // The wake of a slot that nobody holds has nobody to go to.
                if self.owner.held[index].get() {
                    woken(index);
                    count += 1;
                }
            }
        }
        count
    }

    /// Whether a drain would find a bit: the second look between arming the doorbell and sleeping.
    pub fn is_pending(&self) -> bool {
        // Relaxed is enough there: a wake that rang before the arming happens before this load.
        self.owner
            .bits
            .words
            .iter()
            .any(|word| word.load(Ordering::Relaxed) != 0)
    }

    /// How many slots are held.
    pub fn len(&self) -> usize {
        self.capacity() - self.owner.free.borrow().len()
    }

    /// Whether no slot is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many slots there are.
    pub fn capacity(&self) -> usize {
        self.owner.held.len()
    }
}

impl Slot {
    /// Which slot this is: what [`WakeSet::drain`] reports, below [`WakeSet::capacity`].
    pub fn index(&self) -> usize {
        self.index
    }

    /// What a foreign thread wakes this slot with.
    pub fn waker(&self) -> SlotWaker {
        SlotWaker(Arc::clone(&self.owner.wakers[self.index]))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        // The bit stays as it is: a late wake may set it again, so clearing it would promise nothing.
        self.owner.held[self.index].set(false);
        self.owner.free.borrow_mut().push(self.index);
    }
}

impl SlotWaker {
    /// Wakes the slot's holder.
    pub fn wake(&self) {
        self.0.set();
    }

    /// As the waker of a `std::task::Context`. All wakers of one slot wake the same.
    pub fn into_waker(self) -> Waker {
        Waker::from(self.0)
    }
}

impl SlotBit {
    fn set(&self) {
        let bit = 1 << (self.index % WORD_BITS);
        self.bits.words[self.index / WORD_BITS].fetch_or(bit, Ordering::Release);
        // Also if the bit was set before: who set it may be stopped between its two steps.
        self.bits.doorbell.ring();
    }
}

impl Wake for SlotBit {
    fn wake(self: Arc<Self>) {
        self.set();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.set();
    }
}
