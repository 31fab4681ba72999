//! The sending end of a ring.

use super::{PushError, Shared};
use crate::sync::{Arc, Ordering};

/// The sending end; dropping it closes the ring once the consumer has taken what is in it.
pub struct Producer<T: Send> {
    shared: Arc<Shared<T>>,
    /// The next position to fill; `shared.tail` is its published copy.
    tail: usize,
    /// The consumer's position when it was last looked at; the true one is never behind it.
    head_seen: usize,
}

impl<T: Send> Producer<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Self {
            shared,
            tail: 0,
            head_seen: 0,
        }
    }

    /// Appends an item, or hands it back.
    ///
    /// `Ok` means that the consumer can take it, not that it will: what is in the ring when the consumer goes is dropped.
    #[inline]
    pub fn push(&mut self, item: T) -> Result<(), PushError<T>> {
        if self.is_closed() {
            return Err(PushError::Closed(item));
        }
        if self.is_full() {
            return Err(PushError::Full(item));
        }
        // SAFETY: this is the only producer, and `is_full` saw by an Acquire load that the slot of `tail` is free.
        unsafe { self.shared.write(self.tail, item) };
        self.tail = self.tail.wrapping_add(1);
        // Release: whoever sees this position sees the item.
        self.shared.tail.store(self.tail, Ordering::Release);
        Ok(())
    }

    /// How many items wait in the ring; the consumer may be taking some right now.
    pub fn len(&self) -> usize {
        self.tail
            .wrapping_sub(self.shared.head.load(Ordering::Acquire))
    }

    /// Whether no item waits in the ring.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most items that the ring holds.
    pub fn capacity(&self) -> usize {
        self.shared.capacity
    }

    /// Whether the consumer takes nothing more.
    #[inline]
    pub fn is_closed(&self) -> bool {
        self.shared.consumer_gone.load(Ordering::Acquire)
    }

    #[inline]
    fn is_full(&mut self) -> bool {
        if self.tail.wrapping_sub(self.head_seen) < self.shared.capacity {
            return false;
        }
        // Acquire: the consumer has moved the item out before it published its position.
        self.head_seen = self.shared.head.load(Ordering::Acquire);
        let used = self.tail.wrapping_sub(self.head_seen);
        debug_assert!(
            used <= self.shared.capacity,
            "the consumer is never ahead of the producer"
        );
        used == self.shared.capacity
    }
}

#[cfg(all(test, not(loom)))]
impl<T: Send> Producer<T> {
    /// As if `position` items had gone through; both ends must move while the ring is empty.
    pub(super) fn move_to(&mut self, position: usize) {
        self.tail = position;
        self.head_seen = position;
        self.shared.tail.store(position, Ordering::Relaxed);
    }
}

impl<T: Send> Drop for Producer<T> {
    fn drop(&mut self) {
        // Release: who sees the producer gone sees its last `tail`.
        self.shared.producer_gone.store(true, Ordering::Release);
    }
}
