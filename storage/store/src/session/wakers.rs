//! The tasks that wait on one transaction, so that `cancel` and `reset` reach them.

use std::task::Waker;

/// Wakers by slot. A slot is taken by one operation while it waits.
#[derive(Debug, Default)]
pub(super) struct Wakers {
    slots: Vec<Option<Waker>>,
    free: Vec<usize>,
}

impl Wakers {
    /// Stores `waker` in `slot`, or in a new one, and says in which.
    pub(super) fn store(&mut self, slot: Option<usize>, waker: &Waker) -> usize {
        let slot = slot.or_else(|| self.free.pop()).unwrap_or(self.slots.len());
        match self.slots.get_mut(slot) {
            Some(Some(stored)) => stored.clone_from(waker),
            Some(empty) => *empty = Some(waker.clone()),
            None => self.slots.push(Some(waker.clone())),
        }
        slot
    }

    /// Gives `slot` back.
    pub(super) fn remove(&mut self, slot: usize) {
        self.slots[slot] = None;
        self.free.push(slot);
    }

    /// Every task that waits now. They keep their slots.
    pub(super) fn waiting(&self) -> Vec<Waker> {
        self.slots.iter().flatten().cloned().collect()
    }
}
