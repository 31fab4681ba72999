//! A bounded ring with one producer and one consumer.
//!
//! Lamport's queue ("Proving the Correctness of Multiprocess Programs", 1977): the producer alone writes `tail`,
//! the consumer alone writes `head`, and each reads the other's. Positions only grow (and wrap with the integer),
//! so a full ring and an empty one differ without a spare slot. Each side keeps the last position that it saw of
//! the other and looks again only when that one says full or empty, which is what keeps the cache lines from
//! bouncing at every message (MCRingBuffer, Lee et al. 2010; Vyukov's unbounded SPSC queue does the same).
//!
//! ```text
//!            head (consumer)          tail (producer)
//!              ▼                        ▼
//!   [ free ][ item ][ item ][ item ][ free ][ free ]     slot of a position = position mod slots
//! ```
//!
//! Orderings, each with its partner:
//!
//! * `tail` store Release → `tail` load Acquire: the consumer that sees a position sees the item written before it.
//! * `head` store Release → `head` load Acquire: the producer that sees a slot free overwrites it after the read.
//! * `producer_gone` store Release → load Acquire, looked at BEFORE `tail`: who sees the producer gone sees its
//!   last `tail`, so "gone and empty" is final.
//! * `consumer_gone`: carries no data; a push that does not see it yet leaves an item that dies with the ring.

mod consumer;
mod error;
mod producer;
#[cfg(not(loom))]
#[cfg(test)]
mod tests;

use std::mem::MaybeUninit;

pub use consumer::Consumer;
pub use error::PushError;
pub use producer::Producer;

use crate::padded::Padded;
use crate::sync::{Arc, AtomicBool, AtomicUsize, Ordering, UnsafeCell};

/// The most items that one ring may be asked to hold.
pub const RING_CAPACITY_MAX: usize = 1 << 20;

const _: () = assert!(
    RING_CAPACITY_MAX.is_power_of_two(),
    "slots are rounded up to a power of two, which must not go past the limit"
);
const _: () = assert!(
    RING_CAPACITY_MAX < usize::MAX / 2,
    "positions wrap, so the distance of two of them must stay far below the integer's range"
);

/// Makes a ring that holds at most `capacity` items, and allocates all of it now.
///
/// # Panics
///
/// If `capacity` is 0 or above [`RING_CAPACITY_MAX`].
pub fn ring<T: Send>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    assert!(
        (1..=RING_CAPACITY_MAX).contains(&capacity),
        "a ring's capacity must be 1 to {RING_CAPACITY_MAX}, not {capacity}"
    );
    let slots = capacity.next_power_of_two();
    let shared = Arc::new(Shared {
        slots: (0..slots)
            .map(|_| UnsafeCell::new(MaybeUninit::uninit()))
            .collect(),
        capacity,
        producer_gone: AtomicBool::new(false),
        consumer_gone: AtomicBool::new(false),
        head: Padded::new(AtomicUsize::new(0)),
        tail: Padded::new(AtomicUsize::new(0)),
    });
    (Producer::new(Arc::clone(&shared)), Consumer::new(shared))
}

/// What both ends hold. The first four fields are written once or never: their lines stay shared by both cores.
struct Shared<T> {
    slots: Box<[UnsafeCell<MaybeUninit<T>>]>,
    capacity: usize,
    producer_gone: AtomicBool,
    consumer_gone: AtomicBool,
    /// The position of the next pop; only the consumer writes it.
    head: Padded<AtomicUsize>,
    /// The position of the next push; only the producer writes it.
    tail: Padded<AtomicUsize>,
}

// SAFETY: items cross threads by value, hence `T: Send`. No `&T` is ever given out, so `T: Sync` is not needed: a
// slot is touched by the producer while its position is outside [head, tail), by the consumer while it is inside,
// and the Release/Acquire pairs of `head` and `tail` order the two.
unsafe impl<T: Send> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// Writes the item of a position.
    ///
    /// # Safety
    ///
    /// Only the producer may call this, with its `tail`, after an Acquire load of `head` showed that the slot's former
    /// item was taken.
    #[inline]
    unsafe fn write(&self, position: usize, item: T) {
        self.slot(position).with_mut(|slot| {
            // SAFETY: by the contract nobody else touches this slot until `tail` is published, and it holds no item
            // that would have to be dropped.
            unsafe { (*slot).write(item) };
        });
    }

    /// Moves the item of a position out.
    ///
    /// # Safety
    ///
    /// Only the consumer may call this, once per position, after an Acquire load of `tail` showed the position filled.
    #[inline]
    unsafe fn read(&self, position: usize) -> T {
        self.slot(position).with(|slot| {
            // SAFETY: by the contract the item is initialised, visible, and not yet moved out; the producer keeps off
            // this slot until `head` is published.
            unsafe { (*slot).assume_init_read() }
        })
    }

    #[inline]
    fn slot(&self, position: usize) -> &UnsafeCell<MaybeUninit<T>> {
        // The number of slots is a power of two, so the mask is the remainder, also across the integer's wrap.
        &self.slots[position & (self.slots.len() - 1)]
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        // Both ends are gone, and `Arc` ordered all that they did before this; so the loads need no ordering.
        let tail = self.tail.load(Ordering::Relaxed);
        let mut head = self.head.load(Ordering::Relaxed);
        while head != tail {
            // SAFETY: positions in [head, tail) were pushed and not popped, and nobody else is left.
            drop(unsafe { self.read(head) });
            head = head.wrapping_add(1);
        }
    }
}
