//! The receiving end of a ring.

use super::Shared;
use crate::sync::{Arc, Ordering};

/// The receiving end; dropping it closes the ring and drops what is in it.
pub struct Consumer<T: Send> {
    shared: Arc<Shared<T>>,
    /// The next position to take; `shared.head` is its published copy.
    head: usize,
    /// The producer's position when it was last looked at; the true one is never behind it.
    tail_seen: usize,
}

impl<T: Send> Consumer<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Self {
            shared,
            head: 0,
            tail_seen: 0,
        }
    }

    /// Takes the oldest item, if there is one.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        if self.available(1) == 0 {
            return None;
        }
        let item = self.take();
        self.publish();
        Some(item)
    }

    /// Takes up to `max` items, oldest first, and gives each to `take`; returns how many.
    ///
    /// Cheaper than as many pops: the producer is looked at once, and its room is given back once, at the end.
    pub fn drain(&mut self, max: usize, mut take: impl FnMut(T)) -> usize {
        let count = self.available(max).min(max);
        if count == 0 {
            return 0;
        }
        let batch = Batch(self);
        for _ in 0..count {
            take(batch.0.take());
        }
        count
    }

    /// How many items wait in the ring; the producer may be adding some right now.
    pub fn len(&self) -> usize {
        self.shared
            .tail
            .load(Ordering::Acquire)
            .wrapping_sub(self.head)
    }

    /// Whether no item waits in the ring.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the producer is gone AND nothing is left to take. It stays so.
    pub fn is_closed(&self) -> bool {
        // In this order: once the producer is gone, its last position is visible and final.
        self.shared.producer_gone.load(Ordering::Acquire) && self.is_empty()
    }

    /// Refuses what is pushed from now on; what is in the ring can still be taken.
    ///
    /// A push that runs at this very moment may still succeed: take until [`Consumer::is_closed`] to miss nothing.
    pub fn close(&mut self) {
        self.shared.consumer_gone.store(true, Ordering::Release);
    }

    /// At least how many items can be taken; looks at the producer only if fewer than `wanted` are known of.
    #[inline]
    fn available(&mut self, wanted: usize) -> usize {
        let known = self.tail_seen.wrapping_sub(self.head);
        if known >= wanted {
            return known;
        }
        // Acquire: the producer wrote the items before it published their positions.
        self.tail_seen = self.shared.tail.load(Ordering::Acquire);
        self.tail_seen.wrapping_sub(self.head)
    }

    /// Moves one item out without telling the producer yet; only after `available` said that there is one.
    #[inline]
    fn take(&mut self) -> T {
        debug_assert!(
            self.head != self.tail_seen,
            "only an item that was seen is taken"
        );
        // SAFETY: this is the only consumer; `head` is behind `tail_seen`, an Acquire load of `tail`; and `head` moves
        // on at once, so no position is read twice.
        let item = unsafe { self.shared.read(self.head) };
        self.head = self.head.wrapping_add(1);
        item
    }

    #[inline]
    fn publish(&self) {
        // Release: the producer that sees this position overwrites the slots only after they were read.
        self.shared.head.store(self.head, Ordering::Release);
    }
}

#[cfg(all(test, not(loom)))]
impl<T: Send> Consumer<T> {
    /// As if `position` items had gone through; both ends must move while the ring is empty.
    pub(super) fn move_to(&mut self, position: usize) {
        self.head = position;
        self.tail_seen = position;
        self.shared.head.store(position, Ordering::Relaxed);
    }
}

impl<T: Send> Drop for Consumer<T> {
    fn drop(&mut self) {
        self.close();
        // Now rather than with the ring: an item may hold a reply that somebody waits for.
        while self.pop().is_some() {}
    }
}

/// Publishes what a drain took, also when its closure panics: an item that was moved out is never dropped again.
struct Batch<'a, T: Send>(&'a mut Consumer<T>);

impl<T: Send> Drop for Batch<'_, T> {
    fn drop(&mut self) {
        self.0.publish();
    }
}
