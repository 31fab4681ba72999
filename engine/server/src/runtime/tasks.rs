//! Tasks of this core, and how often any of them was polled.
//!
//! The pump must know when nobody is ready, and the runtime tells only after it ran out of work, when it would park by
//! itself. So every task of a core is started here, where its polls are counted.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use glommio::{Task, TaskQueueHandle};
use pin_project_lite::pin_project;

thread_local! {
    static POLLS: Cell<u64> = const { Cell::new(0) };
}

/// Starts a task on the running core. It is cancelled when its handle is dropped, unless detached.
pub fn spawn<F>(task: F) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    glommio::spawn_local(Counted::new(task))
}

/// Starts a task in `queue`, whatever queue it is started from.
pub(crate) fn spawn_into<F>(task: F, queue: TaskQueueHandle) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    glommio::spawn_local_into(Counted::new(task), queue)
        .expect("the queue lives as long as its executor")
}

/// How many polls there were on this thread.
pub(crate) fn polls() -> u64 {
    POLLS.get()
}

pin_project! {
    /// A future whose polls count.
    pub(crate) struct Counted<F> {
        #[pin]
        future: F,
    }
}

impl<F> Counted<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future }
    }
}

impl<F: Future> Future for Counted<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        POLLS.set(POLLS.get().wrapping_add(1));
        self.project().future.poll(context)
    }
}
