//! Lets other tasks of the core run in the middle of a long one.

use std::future::poll_fn;
use std::task::Poll;

/// Resolves when the executor comes round again.
pub(crate) async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
