//! A command on its way: it is answered exactly once, whatever becomes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use wire::Command;

use crate::CallError;
use crate::call::{Answer, Answers};

/// Commands that are unanswered, which [`crate::Settings::commands_max`] bounds.
pub(crate) type Unanswered = Arc<AtomicUsize>;

/// A command, where its answer goes, and what was tried. Dropped without an answer, it is answered "closed".
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) command: Command,
    /// When its time is up, by the client's clock.
    pub(crate) deadline: Duration,
    /// A try of it may have taken effect without our knowing.
    pub(crate) maybe_done: bool,
    done: bool,
    place: u32,
    answers: Arc<Answers>,
    unanswered: Unanswered,
}

impl Item {
    pub(crate) fn new(
        command: Command,
        deadline: Duration,
        place: u32,
        answers: Arc<Answers>,
        unanswered: Unanswered,
    ) -> Self {
        Self {
            command,
            deadline,
            maybe_done: false,
            done: false,
            place,
            answers,
            unanswered,
        }
    }

    /// Answers it, unless it was; says whether it was not.
    pub(crate) fn answer(&self, answer: Answer) -> bool {
        let mut is_first = false;
        self.answers
            .put(std::iter::once((self.place, answer)), |first| {
                self.unanswered.fetch_sub(first, Relaxed);
                is_first = first > 0;
            });
        is_first
    }

    /// Whether nobody waits for it any more.
    pub(crate) fn is_answered(&self) -> bool {
        self.answers.has(self.place)
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        if !self.done {
            self.answer(Err(CallError::Closed));
        }
    }
}

/// Answers items, those of one call under one lock. `count` hears how many were not answered before.
pub(crate) fn answer_all(
    answered: impl IntoIterator<Item = (Item, Answer)>,
    count: impl Fn(usize),
) {
    let mut all = answered.into_iter().peekable();
    while let Some((first, answer)) = all.next() {
        let mut of_this_call = vec![(first.place, answer)];
        let mut items = vec![first];
        while let Some((item, answer)) =
            all.next_if(|(item, _)| Arc::ptr_eq(&item.answers, &items[0].answers))
        {
            of_this_call.push((item.place, answer));
            items.push(item);
        }
        items[0].answers.put(of_this_call.into_iter(), |first| {
            items[0].unanswered.fetch_sub(first, Relaxed);
            count(first);
        });
        items.iter_mut().for_each(|item| item.done = true);
    }
}
