//! A wake from a foreign thread reaches the slot's holder, also during a drain and after a recycling.

use std::sync::Arc;

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use mesh::WakeSet;

use super::{Sleep, check, doorbell};

/// Drains until `done`, sleeping in between as a core does; a lost wake sleeps for ever.
fn serve(
    set: &WakeSet,
    doorbell: &mesh::Doorbell,
    bell: &Sleep,
    mut done: impl FnMut(usize) -> bool,
) {
    loop {
        let mut finished = false;
        set.drain(|slot| finished |= done(slot));
        if finished {
            return;
        }
        doorbell.arm();
        if !set.is_pending() {
            bell.sleep();
        }
        doorbell.disarm();
    }
}

#[test]
fn two_threads_wake_two_slots() {
    check(|| {
        let bell = Sleep::new();
        let doorbell = doorbell(&bell);
        let set = WakeSet::new(2, Arc::clone(&doorbell));
        let slots = [set.slot().unwrap(), set.slot().unwrap()];
        for slot in &slots {
            let waker = slot.waker();
            thread::spawn(move || waker.wake());
        }
        let mut woken = [false; 2];
        serve(&set, &doorbell, &bell, |slot| {
            woken[slot] = true;
            woken == [true; 2]
        });
    });
}

/// A first wake may be drained while the second is under way; what was done before each must be seen after it.
#[test]
fn a_wake_during_a_drain_is_not_lost() {
    check(|| {
        let bell = Sleep::new();
        let doorbell = doorbell(&bell);
        let set = WakeSet::new(1, Arc::clone(&doorbell));
        let slot = set.slot().unwrap();
        let done: Arc<[AtomicBool; 2]> = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
        for at in 0..2 {
            let (waker, done) = (slot.waker().into_waker(), Arc::clone(&done));
            thread::spawn(move || {
                done[at].store(true, Ordering::Relaxed);
                waker.wake();
            });
        }
        serve(&set, &doorbell, &bell, |_| {
            done.iter().all(|done| done.load(Ordering::Relaxed))
        });
    });
}

/// What the thread wrote before its wake can be read after it: loom reports a race otherwise.
#[test]
fn a_wake_publishes_what_was_done_before_it() {
    check(|| {
        let bell = Sleep::new();
        let doorbell = doorbell(&bell);
        let set = WakeSet::new(1, Arc::clone(&doorbell));
        let slot = set.slot().unwrap();
        let result = loom::sync::Arc::new(Shared(UnsafeCell::new(0)));
        let (waker, completed) = (slot.waker(), loom::sync::Arc::clone(&result));
        thread::spawn(move || {
            // SAFETY: the owner reads only after the wake below.
            completed.0.with_mut(|value| unsafe { *value = 7 });
            waker.wake();
        });
        serve(&set, &doorbell, &bell, |_| {
            // SAFETY: the thread wrote before it woke, and writes no more.
            result.0.with(|value| unsafe { *value }) == 7
        });
    });
}

struct Shared(UnsafeCell<u32>);

// SAFETY: the test's two threads are ordered by the wake, which is what loom checks here.
unsafe impl Sync for Shared {}

/// The late wake of the former holder, a drain and a recycling race with the wake of the present holder.
#[test]
fn a_recycled_slot_keeps_the_wakes_of_its_new_holder() {
    check(|| {
        let bell = Sleep::new();
        let doorbell = doorbell(&bell);
        let set = WakeSet::new(1, Arc::clone(&doorbell));
        let former = set.slot().unwrap();
        let late = former.waker();
        thread::spawn(move || late.wake());
        set.drain(|_| ());
        drop(former);
        set.drain(|_| panic!("nobody holds the slot"));
        let present = set.slot().unwrap();
        let done = Arc::new(AtomicBool::new(false));
        let (waker, completed) = (present.waker(), Arc::clone(&done));
        thread::spawn(move || {
            completed.store(true, Ordering::Relaxed);
            waker.wake();
        });
        serve(&set, &doorbell, &bell, |_| done.load(Ordering::Relaxed));
    });
}
