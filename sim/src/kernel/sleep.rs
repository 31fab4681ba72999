//! Waiting for a moment of true virtual time.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::{Kernel, TimerKey};

/// Resolves at a certain moment. Dropped, it leaves no timer behind.
pub(crate) struct Sleep<E> {
    kernel: Rc<Kernel<E>>,
    at_us: u64,
    timer: Option<TimerKey>,
}

impl<E> Sleep<E> {
    /// Until `at_us`.
    pub(crate) fn until(kernel: Rc<Kernel<E>>, at_us: u64) -> Self {
        Self {
            kernel,
            at_us,
            timer: None,
        }
    }
}

impl<E> Future for Sleep<E> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.kernel.now_us() >= self.at_us {
            return Poll::Ready(());
        }
        let timer = match self.timer {
            Some(timer) if self.kernel.wake_instead(timer, context.waker()) => timer,
            _ => self.kernel.wake_at(self.at_us, context.waker().clone()),
        };
        self.timer = Some(timer);
        Poll::Pending
    }
}

impl<E> Drop for Sleep<E> {
    fn drop(&mut self) {
        if let Some(timer) = self.timer {
            self.kernel.cancel(timer);
        }
    }
}
