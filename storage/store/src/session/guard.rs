//! Lets an operation be interrupted by `cancel`, `reset` and the timeout.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::{Backend, StoreError, code};

use super::Session;
use super::state::State;

type Timer = Pin<Box<dyn Future<Output = ()>>>;

impl<B: Backend> Session<B> {
    /// Runs `operation` unless the transaction is cancelled or reset (1025) or times out (1031) first.
    /// An operation that is ready at once costs two checks.
    pub(super) async fn guard<T>(
        &self,
        operation: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let mut operation = pin!(operation);
        let mut waiting = Waiting::new(self);
        poll_fn(|context| {
            if waiting.is_interrupted() {
                return Poll::Ready(Err(StoreError::new(code::TRANSACTION_CANCELLED)));
            }
            if let Poll::Ready(result) = operation.as_mut().poll(context) {
                return Poll::Ready(result);
            }
            waiting
                .poll_timeout(context)
                .map(|()| Err(StoreError::new(code::TRANSACTION_TIMED_OUT)))
        })
        .await
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

    fn is_interrupted(&self) -> bool {
        self.state.borrow().epoch() != self.epoch
    }

    /// Registers for interruption, and waits for the timeout if there is one.
    fn poll_timeout(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state.borrow_mut();
        self.slot = Some(state.wakers.store(self.slot, context.waker()));
        if self.timer.is_none()
            && let Some(deadline_us) = state.deadline_us()
        {
            let left = Duration::from_micros(deadline_us.saturating_sub(self.session.now_us()));
            self.timer = Some(self.session.backend.environment().sleep(left));
        }
        drop(state);
        match &mut self.timer {
            Some(timer) => timer.as_mut().poll(context),
            None => Poll::Pending,
        }
    }
}

impl<B: Backend> Drop for Waiting<'_, B> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            self.state.borrow_mut().wakers.remove(slot);
        }
    }
}
