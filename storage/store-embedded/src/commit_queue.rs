//! The bounded queue from all cores to the committer, and the futures that wait for its answers.

use std::collections::VecDeque;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use store::limits::COMMITS_PER_VERSION_MAX;
use store::{CommitRequest, Committed, StoreError, code};

/// Who waits so long for a commit is idle.
const IDLE: Duration = Duration::from_secs(2);

/// What the committer answers.
pub(crate) type Answer = Result<Committed, StoreError>;

/// A commit that waits for its group.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) request: CommitRequest,
    slot: Arc<Mutex<Slot>>,
}

/// Resolves to the answer. Dropping it does not call the commit back.
#[derive(Debug)]
pub(crate) struct CommitFuture(Arc<Mutex<Slot>>);

#[derive(Debug, Default)]
struct Slot {
    answer: Option<Answer>,
    waker: Option<Waker>,
}

/// Commits that no group has taken yet.
#[derive(Debug)]
pub(crate) struct CommitQueue {
    state: Mutex<State>,
    filled: Condvar,
    commits_max: usize,
    bytes_max: usize,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<(Waiting, usize)>,
    bytes: usize,
    /// The committer waits, and nobody has woken it yet.
    is_idle: bool,
    is_closed: bool,
}

impl CommitQueue {
    /// A queue for `commits_max` commits of `bytes_max` bytes in all. One commit always fits.
    pub(crate) fn new(commits_max: usize, bytes_max: usize) -> Self {
        Self {
            state: Mutex::default(),
            filled: Condvar::new(),
            commits_max,
            bytes_max,
        }
    }

    /// Adds a commit; 1042 if there are too many.
    pub(crate) fn push(&self, request: CommitRequest) -> Result<CommitFuture, StoreError> {
        let bytes = request.size_bytes();
        let slot = Arc::new(Mutex::new(Slot::default()));
        let mut state = self.lock();
        if state.is_closed {
            return Err(closed());
        }
        let fits = state.waiting.len() < self.commits_max && state.bytes + bytes <= self.bytes_max;
        if !fits && !state.waiting.is_empty() {
            let context = format!(
                "{} commits of {} bytes wait for the disk",
                state.waiting.len(),
                state.bytes
            );
            return Err(StoreError::with_context(
                code::COMMIT_PROXY_MEMORY_LIMIT_EXCEEDED,
                context,
            ));
        }
        state.bytes += bytes;
        state.waiting.push_back((
            Waiting {
                request,
                slot: Arc::clone(&slot),
            },
            bytes,
        ));
        // To wake nobody is a system call too.
        let wakes = mem::take(&mut state.is_idle);
        drop(state);
        if wakes {
            self.filled.notify_one();
        }
        Ok(CommitFuture(slot))
    }

    /// The next group: all that wait, up to `bytes_max` bytes. Blocks while there are none, and calls `when_idle` every few
    /// seconds meanwhile; none once the queue is closed and empty.
    pub(crate) fn take_group(
        &self,
        bytes_max: usize,
        group: &mut Vec<Waiting>,
        when_idle: impl Fn(),
    ) -> bool {
        let mut state = self.lock();
        while state.waiting.is_empty() {
            if state.is_closed {
                return false;
            }
            state.is_idle = true;
            let waited = self.filled.wait_timeout(state, IDLE);
            let (woken, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.is_idle = false;
            if timeout.timed_out() && state.waiting.is_empty() {
                drop(state);
                when_idle();
                state = self.lock();
            }
        }
        let mut group_bytes = 0;
        while group_bytes < bytes_max && group.len() < COMMITS_PER_VERSION_MAX {
            let Some((waiting, bytes)) = state.waiting.pop_front() else {
                break;
            };
            group_bytes += bytes;
            group.push(waiting);
        }
        state.bytes -= group_bytes;
        true
    }

    /// Takes no group for so long; at once again where the queue is closed.
    pub(crate) fn rest(&self, pause: Duration) {
        let is_open = |state: &mut State| !state.is_closed;
        // Who pushes meanwhile wakes nobody.
        drop(self.filled.wait_timeout_while(self.lock(), pause, is_open));
    }

    /// Takes no more commits.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.filled.notify_all();
    }

    /// How many commits wait.
    pub(crate) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers a whole group, then wakes those who wait: each task once, when all its answers are there.
pub(crate) fn answer_all(answers: impl IntoIterator<Item = (Waiting, Answer)>) {
    let mut wakers: Vec<Waker> = Vec::new();
    for (waiting, answer) in answers {
        let mut slot = waiting.slot.lock().unwrap_or_else(PoisonError::into_inner);
        slot.answer = Some(answer);
        if let Some(waker) = slot.waker.take()
            && !wakers.last().is_some_and(|last| last.will_wake(&waker))
        {
            wakers.push(waker);
        }
    }
    wakers.into_iter().for_each(Waker::wake);
}

impl Future for CommitFuture {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = slot.answer.take() {
            return Poll::Ready(answer);
        }
        match &mut slot.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            empty => *empty = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

/// What a commit on a closed store is told.
pub(crate) fn closed() -> StoreError {
    StoreError::with_context(code::OPERATION_CANCELLED, "the store is closed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    fn request(bytes: usize) -> CommitRequest {
        let mutations = vec![store::Mutation::Set {
            key: b"k".to_vec(),
            value: vec![0; bytes],
        }];
        CommitRequest {
            mutations,
            ..CommitRequest::default()
        }
    }

    #[test]
    fn past_the_limits_a_commit_is_refused_and_may_be_retried() {
        for queue in [CommitQueue::new(2, usize::MAX), CommitQueue::new(9, 2_500)] {
            let kept: Vec<_> = (0..2)
                .map(|_| queue.push(request(1_000)).unwrap())
                .collect();
            let refused = queue.push(request(1_000)).unwrap_err();
            assert_eq!(
                (refused.code(), refused.is_retryable_not_committed()),
                (1042, true)
            );
            assert_eq!((queue.len(), kept.len()), (2, 2));
        }
    }

    #[test]
    fn one_commit_always_fits() {
        let queue = CommitQueue::new(1, 1);
        assert!(queue.push(request(1_000)).is_ok());
    }

    #[test]
    fn a_group_ends_with_the_commit_that_fills_it() {
        let queue = CommitQueue::new(9, usize::MAX);
        let _kept: Vec<_> = (0..3).map(|_| queue.push(request(1_000))).collect();
        let mut group = Vec::new();
        assert!(queue.take_group(1_500, &mut group, || {}));
        assert_eq!((group.len(), queue.len()), (2, 1));
    }

    #[test]
    fn who_waits_for_a_commit_is_idle_after_a_while() {
        let queue = CommitQueue::new(9, usize::MAX);
        let mut group = Vec::new();
        assert!(!queue.take_group(1, &mut group, || queue.close()));
    }

    #[test]
    fn a_rest_ends_with_the_queue() {
        let queue = Arc::new(CommitQueue::new(9, usize::MAX));
        queue.rest(Duration::from_millis(1));
        let resting = Arc::clone(&queue);
        let rests = std::thread::spawn(move || resting.rest(Duration::MAX));
        queue.close();
        rests.join().unwrap();
    }

    #[test]
    fn a_closed_queue_gives_out_what_it_has_and_takes_nothing() {
        let queue = CommitQueue::new(9, usize::MAX);
        let future = queue.push(request(1)).unwrap();
        queue.close();
        assert_eq!(
            queue.push(request(1)).unwrap_err().code(),
            code::OPERATION_CANCELLED
        );
        let mut group = Vec::new();
        assert!(queue.take_group(1, &mut group, || {}));
        answer_all(
            group
                .drain(..)
                .map(|waiting| (waiting, Ok(Committed::READ_ONLY))),
        );
        assert_eq!(future.now_or_never(), Some(Ok(Committed::READ_ONLY)));
        assert!(!queue.take_group(1, &mut group, || {}));
    }
}
