//! Answers to come: futures of no runtime, which can also be waited for.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use wire::Replied;

use crate::CallError;

/// The answer to one command.
pub(crate) type Answer = Result<Replied, CallError>;

/// The answer to a command that was sent. Dropped, the command goes its way all the same.
#[derive(Debug)]
#[must_use = "the answer comes only to who awaits it or waits for it"]
pub struct Call(Batch);

impl Call {
    pub(crate) fn new(answers: Arc<Answers>) -> Self {
        Self(Batch(answers))
    }

    /// Blocks until the answer is there: at the latest when the command's time is up.
    ///
    /// # Errors
    /// There is no answer; [`CallError`] says why.
    pub fn wait(self) -> Answer {
        only(self.0.wait())
    }
}

impl Future for Call {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        Pin::new(&mut self.0).poll(context).map(only)
    }
}

/// The answers to commands that were sent together, in their order.
#[derive(Debug)]
#[must_use = "the answers come only to who awaits them or waits for them"]
pub struct Batch(Arc<Answers>);

impl Batch {
    pub(crate) fn new(answers: Arc<Answers>) -> Self {
        Self(answers)
    }

    /// Blocks until all answers are there: at the latest when the commands' time is up.
    pub fn wait(self) -> Vec<Answer> {
        let mut inner = self.0.lock();
        while inner.left > 0 {
            inner = self
                .0
                .complete
                .wait(inner)
                .unwrap_or_else(PoisonError::into_inner);
        }
        inner.take()
    }
}

impl Future for Batch {
    type Output = Vec<Answer>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<Answer>> {
        let mut inner = self.0.lock();
        if inner.left == 0 {
            return Poll::Ready(inner.take());
        }
        match &mut inner.waker {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
        Poll::Pending
    }
}

fn only(mut answers: Vec<Answer>) -> Answer {
    answers.pop().unwrap_or(Err(CallError::Closed))
}

/// Where the answers to some commands are put.
#[derive(Debug)]
pub(crate) struct Answers {
    inner: Mutex<Inner>,
    complete: Condvar,
}

#[derive(Debug)]
struct Inner {
    answers: Vec<Option<Answer>>,
    left: usize,
    waker: Option<Waker>,
}

impl Inner {
    fn take(&mut self) -> Vec<Answer> {
        let answers = std::mem::take(&mut self.answers).into_iter();
        answers
            .map(|answer| answer.unwrap_or(Err(CallError::Closed)))
            .collect()
    }
}

impl Answers {
    /// Room for so many.
    pub(crate) fn new(count: usize) -> Arc<Self> {
        Arc::new(Self {
            inner: Mutex::new(Inner {
                answers: vec![None; count],
                left: count,
                waker: None,
            }),
            complete: Condvar::new(),
        })
    }

    /// Puts answers, by their commands' places. `count` hears how many were the first to theirs before anybody who waits
    /// for them goes on, so that whoever has an answer finds it counted.
    pub(crate) fn put(
        &self,
        answers: impl Iterator<Item = (u32, Answer)>,
        count: impl FnOnce(usize),
    ) {
        let waker = {
            let mut inner = self.lock();
            let before = inner.left;
            for (place, answer) in answers {
                if let Some(slot @ None) = inner.answers.get_mut(place as usize) {
                    *slot = Some(answer);
                    inner.left -= 1;
                }
            }
            let first = before - inner.left;
            count(first);
            if inner.left > 0 || first == 0 {
                return;
            }
            inner.waker.take()
        };
        self.complete.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Whether the command at this place is answered.
    pub(crate) fn has(&self, place: u32) -> bool {
        let inner = self.lock();
        // Once the answers were taken none is missing.
        inner.left == 0 || matches!(inner.answers.get(place as usize), Some(Some(_)))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics while it is held; what was put is whole anyway.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Answer {
        Ok(Replied {
            replayed: false,
            outcome: wire::Outcome::SoldOut,
        })
    }

    /// Puts answers; how many were the first to their places.
    fn put<const N: usize>(answers: &Answers, put: [(u32, Answer); N]) -> usize {
        let mut count = 0;
        answers.put(put.into_iter(), |first| count = first);
        count
    }

    #[test]
    fn all_come_together_and_the_first_to_a_place_stays() {
        let answers = Answers::new(2);
        let batch = Batch::new(Arc::clone(&answers));
        assert_eq!(put(&answers, [(1, answer())]), 1);
        let late = Err(CallError::Closed);
        assert_eq!(put(&answers, [(1, late), (7, answer())]), 0);
        assert!(answers.has(1) && !answers.has(0));
        let closed = Err(CallError::Closed);
        assert_eq!(put(&answers, [(0, closed.clone())]), 1);
        assert_eq!(batch.wait(), [closed, answer()]);
    }

    #[test]
    fn who_polls_is_woken() {
        let answers = Answers::new(1);
        let call = Call::new(Arc::clone(&answers));
        let waiter = std::thread::spawn(move || futures::executor::block_on(call));
        std::thread::yield_now();
        put(&answers, [(0, answer())]);
        assert_eq!(waiter.join().expect("it only waits"), answer());
    }

    #[test]
    fn an_answer_is_counted_before_anybody_has_it() {
        let answers = Answers::new(1);
        let call = Call::new(Arc::clone(&answers));
        answers.put(std::iter::once((0, answer())), |_| {
            assert!(answers.inner.try_lock().is_err(), "nobody can take it yet");
        });
        assert_eq!(call.wait(), answer());
    }
}
