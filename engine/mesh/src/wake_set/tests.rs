use std::sync::atomic::AtomicUsize;

use super::*;
use crate::doorbell::Bell;

#[derive(Default)]
struct Count(AtomicUsize);

impl Bell for Count {
    fn ring(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn wake_set(capacity: usize) -> (WakeSet, Arc<Doorbell>, Arc<Count>) {
    let bell = Arc::new(Count::default());
    let doorbell = Arc::new(Doorbell::new(Arc::clone(&bell) as Arc<dyn Bell>));
    (
        WakeSet::new(capacity, Arc::clone(&doorbell)),
        doorbell,
        bell,
    )
}

/// Takes all slots of a set, wakes some, and checks what a drain reports.
fn check(capacity: usize, wake: &[usize], reported: &[usize]) {
    let (set, ..) = wake_set(capacity);
    let slots: Vec<Slot> = (0..capacity).map(|_| set.slot().unwrap()).collect();
    assert!(slots.iter().map(Slot::index).eq(0..capacity));
    assert!(set.slot().is_none(), "all {capacity} slots are held");
    for &index in wake {
        slots[index].waker().wake();
    }
    assert_eq!(set.is_pending(), !wake.is_empty());
    assert_eq!(drained(&set), reported);
    assert!(!set.is_pending());
    assert_eq!(drained(&set), [], "a drain reports a wake once");
}

fn drained(set: &WakeSet) -> Vec<usize> {
    let mut slots = Vec::new();
    let count = set.drain(|slot| slots.push(slot));
    assert_eq!(count, slots.len());
    slots
}

#[test]
fn no_wake_no_report() {
    check(3, &[], &[]);
}

#[test]
fn repeated_wakes_are_one() {
    check(3, &[1, 1, 1], &[1]);
}

#[test]
fn each_slot_is_reported() {
    check(130, &[129, 0, 63, 64, 128], &[0, 63, 64, 128, 129]);
}

#[test]
fn a_set_of_one() {
    check(1, &[0], &[0]);
}

#[test]
fn a_std_waker_wakes_by_value_and_by_reference() {
    let (set, ..) = wake_set(2);
    let slot = set.slot().unwrap();
    let waker = slot.waker().into_waker();
    assert!(waker.will_wake(&slot.waker().into_waker()));
    waker.wake_by_ref();
    assert_eq!(drained(&set), [0]);
    waker.wake();
    assert_eq!(drained(&set), [0]);
}

#[test]
fn a_dropped_slot_can_be_taken_again() {
    let (set, ..) = wake_set(2);
    let first = set.slot().unwrap();
    let second = set.slot().unwrap();
    assert_eq!((set.len(), set.is_empty(), set.capacity()), (2, false, 2));
    drop(first);
    assert_eq!(set.slot().unwrap().index(), 0);
    drop(second);
    assert!(set.is_empty());
}

#[test]
fn a_wake_for_nobody_is_not_reported() {
    let (set, ..) = wake_set(2);
    let late = set.slot().unwrap().waker();
    late.wake();
    assert!(set.is_pending());
    assert_eq!(drained(&set), []);
    assert!(!set.is_pending(), "or the owner would never sleep");
}

#[test]
fn a_late_wake_reaches_the_next_holder() {
    let (set, ..) = wake_set(1);
    let late = set.slot().unwrap().waker();
    let next = set.slot().unwrap();
    late.wake();
    assert_eq!(drained(&set), [0]);
    late.wake();
    next.waker().wake();
    assert_eq!(
        drained(&set),
        [0],
        "the holder's own wake is not lost in the late one"
    );
}

#[test]
fn a_drain_may_take_and_drop_slots() {
    let (set, ..) = wake_set(2);
    let mut held = vec![set.slot().unwrap(), set.slot().unwrap()];
    held[0].waker().wake();
    held[1].waker().wake();
    let mut reported = Vec::new();
    set.drain(|slot| {
        reported.push(slot);
        held.clear();
    });
    assert_eq!(reported, [0], "the first report dropped both slots");
}

#[test]
fn a_wake_during_a_drain_is_for_the_next_drain() {
    let (set, ..) = wake_set(1);
    let slot = set.slot().unwrap();
    slot.waker().wake();
    assert_eq!(set.drain(|_| slot.waker().wake()), 1);
    assert_eq!(drained(&set), [0]);
}

#[test]
fn many_wakes_ring_a_sleeping_owner_once() {
    let (set, doorbell, bell) = wake_set(2);
    let slots = [set.slot().unwrap(), set.slot().unwrap()];
    slots[0].waker().wake();
    assert_eq!(bell.0.load(Ordering::Relaxed), 0, "the owner is awake");
    doorbell.arm();
    for slot in slots.iter().cycle().take(10) {
        slot.waker().wake();
    }
    assert_eq!(bell.0.load(Ordering::Relaxed), 1);
}

#[test]
fn a_waker_may_outlive_the_set() {
    let (set, ..) = wake_set(1);
    let late = set.slot().unwrap().waker();
    drop(set);
    late.wake();
}

#[test]
#[should_panic(expected = "a wake set must have 1 to 65536 slots, not 0")]
fn a_set_of_none_is_refused() {
    wake_set(0);
}
