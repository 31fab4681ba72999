//! A hashed timer wheel: inserting, removing and firing a timer costs the same however many there are.
//!
//! ```text
//!   tick 0   1   2  …  511         a timer hangs in slot (its tick mod 512); one whose tick is
//!       [ ] [●] [ ]    [●]         rounds away is passed over until its own round comes
//!            └─▶● ─▶●
//! ```
//!
//! Varghese and Lauck, "Hashed and hierarchical timing wheels" (scheme 6).

use std::task::Waker;

/// Slots of the wheel; a power of two, so that a tick's slot is a mask away.
const SLOTS: usize = 512;
const _: () = assert!(
    SLOTS.is_power_of_two(),
    "a tick's slot is taken with a mask"
);

/// Ends a list.
const NONE: u32 = u32::MAX;

/// Names a timer. Goes stale when the timer fires or is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimerKey {
    index: u32,
    generation: u32,
}

/// The timers of one core.
pub(crate) struct Wheel {
    heads: Box<[u32]>,
    entries: Vec<Entry>,
    free: u32,
    tick: u64,
    armed: usize,
}

struct Entry {
    tick: u64,
    waker: Option<Waker>,
    generation: u32,
    next: u32,
    previous: u32,
}

impl Wheel {
    /// A wheel that stands at tick 0.
    pub(crate) fn new() -> Self {
        Self {
            heads: vec![NONE; SLOTS].into(),
            entries: Vec::new(),
            free: NONE,
            tick: 0,
            armed: 0,
        }
    }

    /// Timers that have not fired.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.armed
    }

    /// Arms a timer for `tick`; one that lies in the past fires with the next advance.
    pub(crate) fn insert(&mut self, tick: u64, waker: Waker) -> TimerKey {
        let tick = tick.max(self.tick + 1);
        let index = self.take_entry();
        let slot = slot_of(tick);
        let head = self.heads[slot];
        let entry = &mut self.entries[index as usize];
        entry.tick = tick;
        entry.waker = Some(waker);
        entry.previous = NONE;
        entry.next = head;
        let generation = entry.generation;
        if head != NONE {
            self.entries[head as usize].previous = index;
        }
        self.heads[slot] = index;
        self.armed += 1;
        TimerKey { index, generation }
    }

    /// Whether the timer has not fired yet; if so, `waker` is who it wakes from now on.
    pub(crate) fn renew(&mut self, key: TimerKey, waker: &Waker) -> bool {
        let entry = &mut self.entries[key.index as usize];
        if entry.generation != key.generation {
            return false;
        }
        match &mut entry.waker {
            Some(held) if held.will_wake(waker) => {}
            held => *held = Some(waker.clone()),
        }
        true
    }

    /// Forgets a timer, fired or not.
    pub(crate) fn remove(&mut self, key: TimerKey) {
        if self.entries[key.index as usize].generation == key.generation {
            self.unlink(key.index);
        }
    }

    /// Moves on to `tick` and hands the wakers of all timers that are due to `fired`.
    pub(crate) fn advance(&mut self, tick: u64, fired: &mut Vec<Waker>) {
        if tick <= self.tick {
            return;
        }
        // After a long stall every slot is looked at once, not once per tick missed.
        let first = (self.tick + 1).max(tick.saturating_sub(SLOTS as u64 - 1));
        self.tick = tick;
        if self.armed == 0 {
            return;
        }
        for due in first..=tick {
            self.fire_slot(slot_of(due), fired);
        }
    }

    /// The first tick with a timer among the next `ticks_max`, or the last of these if there is none; a tick whose timers
    /// all belong to later rounds counts too.
    pub(crate) fn next_due(&self, ticks_max: u64) -> u64 {
        let last = self.tick + ticks_max.min(SLOTS as u64);
        if self.armed == 0 {
            return last;
        }
        (self.tick + 1..last)
            .find(|&tick| self.heads[slot_of(tick)] != NONE)
            .unwrap_or(last)
    }

    fn fire_slot(&mut self, slot: usize, fired: &mut Vec<Waker>) {
        let mut index = self.heads[slot];
        while index != NONE {
            let next = self.entries[index as usize].next;
            if self.entries[index as usize].tick <= self.tick {
                fired.extend(self.unlink(index));
            }
            index = next;
        }
    }

    fn unlink(&mut self, index: u32) -> Option<Waker> {
        let entry = &mut self.entries[index as usize];
        let (previous, next, tick) = (entry.previous, entry.next, entry.tick);
        let waker = entry.waker.take();
        entry.generation = entry.generation.wrapping_add(1);
        entry.next = self.free;
        self.free = index;
        self.armed -= 1;
        match previous {
            NONE => self.heads[slot_of(tick)] = next,
            previous => self.entries[previous as usize].next = next,
        }
        if next != NONE {
            self.entries[next as usize].previous = previous;
        }
        waker
    }

    fn take_entry(&mut self) -> u32 {
        if self.free == NONE {
            let index = u32::try_from(self.entries.len())
                .expect("timers of one core number fewer than 2^32");
            self.entries.push(Entry {
                tick: 0,
                waker: None,
                generation: 0,
                next: NONE,
                previous: NONE,
            });
            return index;
        }
        let index = self.free;
        self.free = self.entries[index as usize].next;
        index
    }
}

fn slot_of(tick: u64) -> usize {
    tick as usize & (SLOTS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Arms a timer for each tick, advances step by step, and returns how many fired at each step.
    fn check(ticks: &[u64], steps: &[u64], fired_expected: &[usize]) {
        let mut wheel = Wheel::new();
        for &tick in ticks {
            wheel.insert(tick, Waker::noop().clone());
        }
        let fired: Vec<usize> = steps
            .iter()
            .map(|&step| {
                let mut fired = Vec::new();
                wheel.advance(step, &mut fired);
                fired.len()
            })
            .collect();
        assert_eq!(fired, fired_expected);
        assert_eq!(wheel.len(), ticks.len() - fired.iter().sum::<usize>());
    }

    #[test]
    fn a_timer_fires_at_its_tick_and_not_before() {
        check(&[3], &[1, 2, 3, 4], &[0, 0, 1, 0]);
    }

    #[test]
    fn timers_of_one_slot_fire_in_their_own_round() {
        let slots = SLOTS as u64;
        check(
            &[5, 5 + slots, 5 + 2 * slots],
            &[4, 5, 4 + slots, 5 + slots, 5 + 2 * slots],
            &[0, 1, 0, 1, 1],
        );
    }

    #[test]
    fn a_stall_of_many_rounds_fires_all_that_is_due() {
        check(&[1, 7, 600, 5_000, 9_999], &[9_000, 10_000], &[4, 1]);
    }

    #[test]
    fn the_past_fires_with_the_next_advance() {
        check(&[0, 1], &[1], &[2]);
    }

    #[test]
    fn the_next_due_tick_is_found() {
        let mut wheel = Wheel::new();
        assert_eq!(wheel.next_due(100), 100);
        wheel.insert(40, Waker::noop().clone());
        let key = wheel.insert(7, Waker::noop().clone());
        assert_eq!(wheel.next_due(100), 7);
        wheel.remove(key);
        assert_eq!(wheel.next_due(100), 40);
        assert_eq!(wheel.next_due(20), 20);
        wheel.advance(40, &mut Vec::new());
        assert_eq!(wheel.next_due(100), 140);
    }

    #[test]
    fn a_removed_timer_never_fires_and_its_key_is_stale() {
        let mut wheel = Wheel::new();
        let keys: Vec<_> = (0..3)
            .map(|_| wheel.insert(2, Waker::noop().clone()))
            .collect();
        wheel.remove(keys[1]);
        wheel.remove(keys[1]);
        assert!(!wheel.renew(keys[1], Waker::noop()));
        let reused = wheel.insert(2, Waker::noop().clone());
        assert!(wheel.renew(reused, Waker::noop()) && !wheel.renew(keys[1], Waker::noop()));
        let mut fired = Vec::new();
        wheel.advance(2, &mut fired);
        assert_eq!((fired.len(), wheel.len()), (3, 0));
        assert!(keys.iter().all(|&key| !wheel.renew(key, Waker::noop())));
    }
}
