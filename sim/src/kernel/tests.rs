//! The executor's promises.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::task::Poll;

use super::{Kernel, Schedule, Sleep, Turn};

type Plain = Kernel<u32>;

const LANES: [(u16, u16); 3] = [(0, 0), (1, 0), (2, 0)];

fn kernel(seed: u64) -> Rc<Plain> {
    scheduled(seed, Schedule::Whole)
}

fn scheduled(seed: u64, schedule: Schedule) -> Rc<Plain> {
    Rc::new(Kernel::new((seed, schedule), LANES, false))
}

/// In which order eight tasks that are ready together run.
fn order(seed: u64) -> (Vec<u32>, u128) {
    let kernel = kernel(seed);
    let ran = Rc::new(RefCell::new(Vec::new()));
    for number in 0..8 {
        let ran = ran.clone();
        kernel.spawn(0, 0, async move { ran.borrow_mut().push(number) });
    }
    assert_eq!(kernel.turn(0), Turn::Idle);
    (ran.take(), kernel.hash())
}

#[test]
fn the_seed_alone_decides_the_order() {
    assert_eq!(order(1), order(1));
    let orders: std::collections::BTreeSet<_> = (0..20).map(|seed| order(seed).0).collect();
    assert!(orders.len() > 10, "{} orders of 20 seeds", orders.len());
    assert!(
        (0..20)
            .map(|seed| order(seed).1)
            .collect::<std::collections::BTreeSet<_>>()
            .len()
            > 10
    );
}

#[test]
fn tasks_that_only_wake_each_other_are_found() {
    let kernel = kernel(1);
    kernel.spawn(
        2,
        1,
        std::future::poll_fn(|context| {
            context.waker().wake_by_ref();
            Poll::Pending
        }),
    );
    assert_eq!(kernel.turn(1_000), Turn::Livelock((2, 0)));
}

#[test]
fn time_goes_from_timer_to_timer() {
    let kernel = kernel(1);
    let woke = Rc::new(RefCell::new(Vec::new()));
    for us in [300, 100, 200] {
        let (own, woke) = (kernel.clone(), woke.clone());
        kernel.spawn(0, 0, async move {
            Sleep::until(own.clone(), us).await;
            woke.borrow_mut().push(own.now_us());
        });
    }
    kernel.schedule(250, 7);
    assert_eq!(kernel.turn(1_000), Turn::Event(7));
    assert_eq!(*woke.borrow(), [100, 200]);
    assert_eq!(kernel.turn(1_000), Turn::Idle);
    assert_eq!((woke.take(), kernel.now_us()), (vec![100, 200, 300], 1_000));
}

/// Sets a flag when it is dropped.
struct Dropped(Rc<Cell<bool>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

#[test]
fn a_killed_life_is_dropped_and_never_polled_again() {
    let kernel = kernel(1);
    let (dropped, polls) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(0)));
    for life in [1, 2] {
        let (own, polls) = (kernel.clone(), polls.clone());
        let guard = (life == 1).then(|| Dropped(dropped.clone()));
        kernel.spawn(1, life, async move {
            let _guard = guard;
            for us in 1..=4 {
                Sleep::until(own.clone(), us * 100).await;
                polls.set(polls.get() + 1);
            }
        });
    }
    kernel.turn(250);
    assert_eq!(polls.get(), 4);
    kernel.kill(1);
    assert!(dropped.get());
    kernel.turn(1_000);
    assert_eq!(polls.get(), 6, "only the other life goes on");
}

#[test]
fn a_paused_lane_catches_up_when_it_is_resumed() {
    let kernel = kernel(1);
    let at = Rc::new(Cell::new(0));
    let (own, seen) = (kernel.clone(), at.clone());
    kernel.spawn(1, 1, async move {
        Sleep::until(own.clone(), 100).await;
        seen.set(own.now_us());
    });
    kernel.turn(50);
    kernel.pause(1);
    kernel.turn(500);
    assert_eq!(at.get(), 0);
    kernel.resume(1);
    kernel.turn(600);
    assert_eq!(at.get(), 500);
}

#[test]
fn a_slow_lane_is_busy_after_each_poll() {
    let kernel = kernel(1);
    kernel.set_poll_us(1, 10);
    let at = Rc::new(RefCell::new(Vec::new()));
    for _ in 0..3 {
        let (own, at) = (kernel.clone(), at.clone());
        kernel.spawn(1, 1, async move { at.borrow_mut().push(own.now_us()) });
    }
    kernel.turn(100);
    assert_eq!(at.take(), [0, 10, 20]);
}

#[test]
fn a_sleep_that_is_dropped_leaves_no_timer() {
    let kernel = kernel(1);
    for _ in 0..1_000 {
        let mut sleep = Box::pin(Sleep::until(kernel.clone(), 1_000_000));
        let waker = std::task::Waker::noop();
        assert!(
            sleep
                .as_mut()
                .poll(&mut std::task::Context::from_waker(waker))
                .is_pending()
        );
    }
    kernel.turn(10);
    assert!(kernel.timers_in_heap() < 200, "{}", kernel.timers_in_heap());
}

/// In which order eight tasks run at one instant, when some others ran at an earlier one.
fn order_after(schedule: Schedule, early: u32) -> Vec<u32> {
    let kernel = scheduled(1, schedule);
    for _ in 0..early {
        kernel.spawn(0, 0, async {});
    }
    assert_eq!(kernel.turn(20), Turn::Idle);
    let ran = Rc::new(RefCell::new(Vec::new()));
    for number in 0..8 {
        let ran = ran.clone();
        kernel.spawn(0, 0, async move { ran.borrow_mut().push(number) });
    }
    assert_eq!(kernel.turn(20), Turn::Idle);
    ran.take()
}

/// How many orders there are, whatever number the schedule has and however many ran before.
fn orders(schedules: impl IntoIterator<Item = Schedule>, early: std::ops::Range<u32>) -> usize {
    let orders = schedules
        .into_iter()
        .flat_map(|schedule| early.clone().map(move |early| order_after(schedule, early)));
    orders.collect::<std::collections::BTreeSet<_>>().len()
}

#[test]
fn choices_by_instant_stay_when_others_go() {
    assert!(orders((0..20).map(Schedule::ByInstant), 0..1) > 10);
    assert_eq!(orders([Schedule::ByInstant(1)], 0..10), 1);
    assert!(orders([Schedule::Whole], 0..10) > 1);
}
