//! Places that only so many may hold at once.

use std::cell::Cell;
use std::rc::Rc;

/// A number of places.
#[derive(Clone)]
pub(super) struct Slots {
    taken: Rc<Cell<usize>>,
    max: usize,
}

/// One place; given back when it is dropped.
pub(super) struct Slot {
    taken: Rc<Cell<usize>>,
}

impl Slots {
    pub(super) fn new(max: usize) -> Self {
        Self {
            taken: Rc::default(),
            max,
        }
    }

    /// A place, if one is free.
    pub(super) fn take(&self) -> Option<Slot> {
        if self.taken.get() >= self.max {
            return None;
        }
        self.taken.set(self.taken.get() + 1);
        Some(Slot {
            taken: self.taken.clone(),
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.taken.set(self.taken.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::Slots;

    #[test]
    fn gives_back_what_is_dropped() {
        let slots = Slots::new(1);
        let slot = slots.take();
        assert!(slot.is_some());
        assert!(slots.take().is_none());
        drop(slot);
        assert!(slots.take().is_some());
    }
}
