//! Virtual time: it goes to the next timer when everything waits.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use store::Environment;

/// The wall clock at virtual time 0: 2026-12-01T18:00:00Z.
pub(crate) const WALL: u64 = 1_796_148_000_000;

/// Virtual time, and who waits for it.
#[derive(Default)]
pub(crate) struct Clock {
    pub(crate) now: Cell<Duration>,
    timers: RefCell<BTreeMap<(Duration, u64), Waker>>,
    count: Cell<u64>,
    draws: Cell<u64>,
}

pub(crate) struct Sleep {
    clock: Rc<Clock>,
    key: (Duration, u64),
}

impl Future for Sleep {
    type Output = ();
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.clock.now.get() >= self.key.0 {
            return Poll::Ready(());
        }
        self.clock
            .timers
            .borrow_mut()
            .insert(self.key, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.timers.borrow_mut().remove(&self.key);
    }
}

impl Clock {
    pub(crate) fn sleep(self: &Rc<Self>, duration: Duration) -> Sleep {
        self.count.set(self.count.get() + 1);
        Sleep {
            clock: self.clone(),
            key: (self.now.get() + duration, self.count.get()),
        }
    }

    pub(crate) fn random(&self) -> u64 {
        self.draws.set(self.draws.get() + 1);
        self.draws.get().wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678
    }

    /// Goes to the next timer; false if there is none.
    pub(crate) fn advance(&self) -> bool {
        let Some(((at, _), waker)) = self.timers.borrow_mut().pop_first() else {
            return false;
        };
        self.now.set(self.now.get().max(at));
        waker.wake();
        true
    }
}

pub(crate) struct StoreEnvironment(pub(crate) Rc<Clock>);

impl Environment for StoreEnvironment {
    fn now_us(&self) -> u64 {
        self.0.now.get().as_micros() as u64
    }
    fn random_u64(&self) -> u64 {
        self.0.random()
    }
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(self.0.sleep(duration))
    }
}
