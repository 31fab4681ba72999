//! A wake-up between tasks of one core that is never lost: raised before it is awaited, it is there.

use std::cell::RefCell;
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// One task waits, any number raise.
#[derive(Default)]
pub(crate) struct Signal {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    raised: bool,
    waiter: Option<Waker>,
}

impl Signal {
    /// Lets the waiter go on, now or when it next waits.
    pub(crate) fn raise(&self) {
        let waiter = {
            let mut state = self.state.borrow_mut();
            state.raised = true;
            state.waiter.take()
        };
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }

    /// Resolves once raised, and takes the raise with it.
    pub(crate) async fn raised(&self) {
        poll_fn(|context| {
            let mut state = self.state.borrow_mut();
            if std::mem::take(&mut state.raised) {
                return Poll::Ready(());
            }
            state.waiter = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}
