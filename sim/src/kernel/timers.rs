//! What is due when, in true virtual time; what is due together comes in the order in which it was set.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use slab::Slab;

/// Cancelled timers stay in the heap until there are more than so many, and more of them than of others.
const CANCELLED_MAX: usize = 64;

/// Names a timer, to cancel it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimerKey {
    slot: u32,
    serial: u64,
}

/// Timers and what they stand for.
pub(super) struct Timers<T> {
    heap: BinaryHeap<Reverse<(u64, u64, u32)>>,
    slots: Slab<(u64, T)>,
    set: u64,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self {
            heap: BinaryHeap::new(),
            slots: Slab::new(),
            set: 0,
        }
    }
}

impl<T> Timers<T> {
    /// Sets a timer.
    pub(super) fn insert(&mut self, at_us: u64, what: T) -> TimerKey {
        let serial = self.set;
        self.set += 1;
        let slot = self.slots.insert((serial, what));
        let slot = u32::try_from(slot).expect("memory ends before four billion timers");
        self.heap.push(Reverse((at_us, serial, slot)));
        TimerKey { slot, serial }
    }

    /// What the timer stands for, to change it; none if it was due or cancelled.
    pub(super) fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        let (serial, what) = self.slots.get_mut(key.slot as usize)?;
        (*serial == key.serial).then_some(what)
    }

    /// Takes a timer back.
    pub(super) fn cancel(&mut self, key: TimerKey) -> Option<T> {
        self.get_mut(key)?;
        let (_, what) = self.slots.remove(key.slot as usize);
        if self.heap.len() > CANCELLED_MAX + 2 * self.slots.len() {
            let slots = &self.slots;
            self.heap
                .retain(|Reverse((_, serial, slot))| is_set(slots, *serial, *slot));
        }
        Some(what)
    }

    /// When the next one is due.
    pub(super) fn next_at_us(&mut self) -> Option<u64> {
        while let Some(Reverse((at_us, serial, slot))) = self.heap.peek() {
            if is_set(&self.slots, *serial, *slot) {
                return Some(*at_us);
            }
            self.heap.pop();
        }
        None
    }

    /// Takes the next one out if it is due.
    pub(super) fn pop_due(&mut self, now_us: u64) -> Option<T> {
        if self.next_at_us()? > now_us {
            return None;
        }
        let Reverse((_, _, slot)) = self.heap.pop()?;
        Some(self.slots.remove(slot as usize).1)
    }

    #[cfg(test)]
    pub(super) fn in_heap(&self) -> usize {
        self.heap.len()
    }

    /// Takes all out, due or not.
    pub(super) fn clear(&mut self) -> Vec<T> {
        self.heap.clear();
        self.slots.drain().map(|(_, what)| what).collect()
    }
}

fn is_set<T>(slots: &Slab<(u64, T)>, serial: u64, slot: u32) -> bool {
    slots
        .get(slot as usize)
        .is_some_and(|(current, _)| *current == serial)
}
