//! The life of a node: it can be ended, paused, and cut off from the store.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::flaky::Way;

/// What can be done to a node: end it after some polls of its tasks, pause it, cut it off from the store.
pub(crate) struct Life {
    pub(crate) polls_left: Cell<u64>,
    paused: Cell<bool>,
    /// Tasks that were to be polled during the pause.
    waiting: RefCell<Vec<Waker>>,
    pub(crate) way: Rc<Way>,
}

impl Default for Life {
    fn default() -> Self {
        Self {
            polls_left: Cell::new(u64::MAX),
            paused: Cell::default(),
            waiting: RefCell::default(),
            way: Rc::default(),
        }
    }
}

impl Life {
    /// A node that is killed stops between two polls of its tasks.
    pub(crate) fn poll(
        &self,
        context: &mut Context<'_>,
        task: Pin<&mut impl Future<Output = ()>>,
    ) -> Poll<()> {
        if self.paused.get() {
            self.waiting.borrow_mut().push(context.waker().clone());
            return Poll::Pending;
        }
        let left = self.polls_left.get();
        self.polls_left.set(left.saturating_sub(1));
        if left == 0 {
            return Poll::Ready(());
        }
        task.poll(context)
    }

    /// None of its tasks runs; its clocks go on.
    pub(crate) fn pause(&self) {
        self.paused.set(true);
    }

    /// Its tasks run on, as if nothing had been.
    pub(crate) fn resume(&self) {
        self.paused.set(false);
        self.waiting.take().into_iter().for_each(Waker::wake);
    }
}
