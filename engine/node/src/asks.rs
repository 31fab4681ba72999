//! Questions to other cores that are still without an answer.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use futures::channel::oneshot;

use crate::{AskError, Response};

type Answer = Result<Response, AskError>;

/// Questions by id. Ids grow and every question waits equally long, so the first is always the oldest.
pub(crate) struct Asks {
    next_id: Cell<u64>,
    open: RefCell<BTreeMap<u64, (Duration, oneshot::Sender<Answer>)>>,
}

impl Asks {
    /// None yet. The first id comes from `chance`: an answer to a question that this node asked before it was restarted
    /// must not be taken for the answer to another.
    pub(crate) fn new(chance: u64) -> Self {
        Self {
            // Half of all numbers is left to grow into.
            next_id: Cell::new(chance >> 1),
            open: RefCell::default(),
        }
    }

    /// How many are open.
    pub(crate) fn len(&self) -> usize {
        self.open.borrow().len()
    }

    /// Notes a question that waits until `deadline`.
    pub(crate) fn ask(&self, deadline: Duration) -> (u64, oneshot::Receiver<Answer>) {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        let (sender, receiver) = oneshot::channel();
        self.open.borrow_mut().insert(id, (deadline, sender));
        (id, receiver)
    }

    /// An answer came. One that nobody waits for (late, or twice) is dropped: false.
    pub(crate) fn answer(&self, id: u64, answer: Answer) -> bool {
        let asked = self.open.borrow_mut().remove(&id);
        asked.is_some_and(|(_, sender)| sender.send(answer).is_ok())
    }

    /// Forgets a question that could not be sent.
    pub(crate) fn withdraw(&self, id: u64) {
        self.open.borrow_mut().remove(&id);
    }

    /// Answers what waited past its deadline; says how many questions.
    pub(crate) fn expire(&self, now: Duration) -> usize {
        let expired = {
            let mut open = self.open.borrow_mut();
            let first_live = open
                .iter()
                .find(|(_, (deadline, _))| *deadline > now)
                .map(|(id, _)| *id);
            let live = first_live.map_or_else(BTreeMap::new, |id| open.split_off(&id));
            std::mem::replace(&mut *open, live)
        };
        let count = expired.len();
        for (_, (_, sender)) in expired {
            let late = AskError::Unavailable {
                detail: "the core that owns the hunt did not answer in time".to_owned(),
                retry_after_ms: 100,
            };
            // Whoever asked may have hung up.
            let _ = sender.send(Err(late));
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_an_earlier_life_is_dropped() {
        let (before, after) = (Asks::new(1 << 40), Asks::new(7 << 40));
        let (late, _) = before.ask(Duration::from_secs(1));
        let (id, mut receiver) = after.ask(Duration::from_secs(1));
        after.answer(late, Ok(Response::Hunts(Vec::new())));
        assert!(matches!(receiver.try_recv(), Ok(None)));
        after.answer(id, Ok(Response::Hunts(Vec::new())));
        assert!(matches!(receiver.try_recv(), Ok(Some(Ok(_)))));
    }
}
