//! The timers of the network thread.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::now_us;

/// Who waits until when.
#[derive(Default)]
pub(super) struct Timers {
    waiting: RefCell<BTreeMap<(u64, u64), Waker>>,
    made: Cell<u64>,
}

/// Resolves once its time has come. Dropping it takes it out.
pub(super) struct Sleep {
    timers: Rc<Timers>,
    key: (u64, u64),
}

impl Timers {
    /// Resolves at `until_us`.
    pub(super) fn sleep(self: &Rc<Self>, until_us: u64) -> Sleep {
        self.made.set(self.made.get() + 1);
        Sleep {
            timers: Rc::clone(self),
            key: (until_us, self.made.get()),
        }
    }

    /// When the next one is due.
    pub(super) fn next_us(&self) -> Option<u64> {
        self.waiting
            .borrow()
            .first_key_value()
            .map(|((until_us, _), _)| *until_us)
    }

    /// Wakes those whose time has come.
    pub(super) fn fire(&self) {
        if self.waiting.borrow().is_empty() {
            return;
        }
        let later = (now_us() + 1, 0);
        let mut waiting = self.waiting.borrow_mut();
        let rest = waiting.split_off(&later);
        let due = std::mem::replace(&mut *waiting, rest);
        drop(waiting);
        due.into_values().for_each(Waker::wake);
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.key.0 <= now_us() {
            return Poll::Ready(());
        }
        let waker = context.waker().clone();
        self.timers.waiting.borrow_mut().insert(self.key, waker);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.timers.waiting.borrow_mut().remove(&self.key);
    }
}
