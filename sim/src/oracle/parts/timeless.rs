//! Time for what waits alone: it passes when nothing else is left to do.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use store::Environment;

use crate::draw::Chance;

/// Versions begin there.
const START_US: u64 = 1_000_000;

/// A clock that jumps to whatever is waited for.
pub(super) struct Timeless {
    now_us: Cell<u64>,
    timers: RefCell<BinaryHeap<Reverse<u64>>>,
    sleepers: RefCell<Vec<(u64, Waker)>>,
    chance: RefCell<Chance>,
}

/// Notes that it was woken.
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Timeless {
    /// At its beginning.
    pub(super) fn new(chance: Chance) -> Rc<Self> {
        Rc::new(Self {
            now_us: Cell::new(START_US),
            timers: RefCell::default(),
            sleepers: RefCell::default(),
            chance: RefCell::new(chance),
        })
    }

    /// Runs to the end; none if it waits for what never comes.
    pub(super) fn run<T>(self: &Rc<Self>, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        let bell = Arc::new(Bell(AtomicBool::new(false)));
        let waker = Waker::from(bell.clone());
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Some(value);
            }
            if !bell.0.swap(false, Ordering::Relaxed) && !self.pass() {
                return None;
            }
        }
    }

    /// Goes on to the next moment that somebody sleeps until; false if nobody does.
    fn pass(&self) -> bool {
        let Some(Reverse(next_us)) = self.timers.borrow_mut().pop() else {
            return false;
        };
        self.now_us.set(self.now_us.get().max(next_us));
        let now_us = self.now_us.get();
        let mut sleepers = self.sleepers.borrow_mut();
        sleepers.retain(|(until_us, waker)| {
            let sleeps = *until_us > now_us;
            if !sleeps {
                waker.wake_by_ref();
            }
            sleeps
        });
        true
    }
}

/// The store's view of it: handles are shared by reference.
pub(super) struct Clock(pub(super) Rc<Timeless>);

impl Environment for Clock {
    fn now_us(&self) -> u64 {
        // Every look takes a little, so that no loop stands still.
        self.0.now_us.set(self.0.now_us.get() + 1);
        self.0.now_us.get()
    }

    fn random_u64(&self) -> u64 {
        self.0.chance.borrow_mut().next()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()>>> {
        let time = self.0.clone();
        let us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let until_us = time.now_us.get().saturating_add(us.max(1));
        time.timers.borrow_mut().push(Reverse(until_us));
        Box::pin(poll_fn(move |context| {
            if time.now_us.get() >= until_us {
                return Poll::Ready(());
            }
            let sleeper = (until_us, context.waker().clone());
            time.sleepers.borrow_mut().push(sleeper);
            Poll::Pending
        }))
    }
}
