//! Lets an operation be interrupted by `cancel`, `reset` and the timeout.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::{Backend, StoreError, code};

use super::Session;
use super::state::State;

/// Strikes when the transaction times out: at its deadline, in microseconds.
pub(super) struct Timer {
    deadline_us: u64,
    strike: Pin<Box<dyn Future<Output = ()>>>,
}

impl<B: Backend> Session<B> {
    /// Runs `operation` unless the transaction is cancelled or reset (1025), misused (2017) or times out
    /// (1031) first.
    /// An operation that is ready at once costs two checks.
    pub(super) async fn guard<T>(
        &self,
        operation: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let mut operation = pin!(operation);
        let mut waiting = Waiting::new(self);
        poll_fn(|context| {
            if let Some(error) = waiting.interruption() {
                return Poll::Ready(Err(error));
            }
            if let Poll::Ready(result) = operation.as_mut().poll(context) {
                return Poll::Ready(result);
            }
            waiting
                .poll_timeout(context)
                .map(|()| Err(waiting.time_out()))
        })
        .await
    }

    fn timer(&self, deadline_us: u64) -> Timer {
        let left_us = deadline_us.saturating_sub(self.now_us());
        let left = Duration::from_micros(left_us);
        Timer {
            deadline_us,
            strike: self.backend.environment().sleep(left),
        }
    }
}

/// One operation that waits; gives its waker's slot back when it is over or dropped.
struct Waiting<'session, B: Backend> {
    session: &'session Session<B>,
    state: &'session RefCell<State<B::Snapshot>>,
    epoch: u64,
    slot: Option<usize>,
    timer: Option<Timer>,
}

impl<'session, B: Backend> Waiting<'session, B> {
    fn new(session: &'session Session<B>) -> Self {
        let epoch = session.state.borrow().epoch();
        Self {
            session,
            state: &session.state,
            epoch,
            slot: None,
            timer: None,
        }
    }

    fn interruption(&self) -> Option<StoreError> {
        self.state.borrow().interruption(self.epoch)
    }

    fn time_out(&self) -> StoreError {
        let error = StoreError::new(code::TRANSACTION_TIMED_OUT);
        self.state.borrow_mut().end(error.clone());
        error
    }

    /// Registers for interruption, and waits for the timeout if there is one.
    fn poll_timeout(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state.borrow_mut();
        self.slot = Some(state.wakers.store(self.slot, context.waker()));
        if self.timer.is_none()
            && let Some(deadline_us) = state.deadline_us()
        {
            let kept = state.timer.take();
            let kept = kept.filter(|timer| timer.deadline_us == deadline_us);
            self.timer = Some(kept.unwrap_or_else(|| self.session.timer(deadline_us)));
        }
        drop(state);
        let struck = match &mut self.timer {
            Some(timer) => timer.strike.as_mut().poll(context),
            None => Poll::Pending,
        };
        if struck.is_ready() {
            self.timer = None;
        }
        struck
    }
}

impl<B: Backend> Drop for Waiting<'_, B> {
    fn drop(&mut self) {
        let Some(slot) = self.slot else {
            return;
        };
        let mut state = self.state.borrow_mut();
        state.wakers.remove(slot);
        if state.epoch() == self.epoch {
            // The next operation of the try goes on with it.
            state.timer = self.timer.take();
        }
    }
}
