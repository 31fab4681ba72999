//! Questions to other cores that are still without an answer.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use futures::channel::oneshot;

use crate::shard::unavailable;
use crate::{AskError, NodeId, Response};

type Answer = Result<Response, AskError>;

/// Questions by id. Ids grow and every question waits equally long, so the first is always the oldest.
pub(crate) struct Asks {
    next_id: Cell<u64>,
    open: RefCell<BTreeMap<u64, Question>>,
}

/// One that is open.
struct Question {
    deadline: Duration,
    asked: NodeId,
    sender: oneshot::Sender<Answer>,
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

    /// Notes a question to a core of the node `asked` that waits until `deadline`.
    pub(crate) fn ask(
        &self,
        asked: NodeId,
        deadline: Duration,
    ) -> (u64, oneshot::Receiver<Answer>) {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        let (sender, receiver) = oneshot::channel();
        let question = Question {
            deadline,
            asked,
            sender,
        };
        self.open.borrow_mut().insert(id, question);
        (id, receiver)
    }

    /// An answer came. One that nobody waits for (late, or twice) is dropped: false.
    pub(crate) fn answer(&self, id: u64, answer: Answer) -> bool {
        let asked = self.open.borrow_mut().remove(&id);
        asked.is_some_and(|question| question.sender.send(answer).is_ok())
    }

    /// Forgets a question that could not be sent.
    pub(crate) fn withdraw(&self, id: u64) {
        self.open.borrow_mut().remove(&id);
    }

    /// Answers what waited past its deadline; says how many questions.
    pub(crate) fn expire(&self, now: Duration) -> usize {
        let mut count = 0;
        while let Some(question) = self.pop_expired(now) {
            count += 1;
            let late = AskError::Unavailable {
                detail: "the core that owns the hunt did not answer in time".to_owned(),
                retry_after_ms: 100,
            };
            // Whoever asked may have hung up.
            let _ = question.sender.send(Err(late));
        }
        count
    }

    fn pop_expired(&self, now: Duration) -> Option<Question> {
        let mut open = self.open.borrow_mut();
        let oldest = open.first_entry()?;
        let is_expired = oldest.get().deadline <= now;
        is_expired.then(|| oldest.remove())
    }

    /// Answers what was asked of nodes that are `lost`; says how many questions.
    pub(crate) fn give_up(&self, lost: impl Fn(NodeId) -> bool) -> usize {
        let given_up: Vec<Question> = {
            let mut open = self.open.borrow_mut();
            let gone = open.extract_if(.., |_, question| lost(question.asked));
            gone.map(|(_, question)| question).collect()
        };
        let count = given_up.len();
        for Question { asked, sender, .. } in given_up {
            // Whoever asked may have hung up.
            let _ = sender.send(Err(cut_off(asked)));
        }
        count
    }
}

/// The node that was asked is gone, or the way to it.
pub(crate) fn cut_off(node: NodeId) -> AskError {
    unavailable(format!("node {:x} can't be reached", node.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: NodeId = NodeId(1);

    #[test]
    fn who_asked_a_lost_node_is_told_and_nobody_else() {
        let asks = Asks::new(0);
        let (_, mut lost) = asks.ask(NodeId(2), Duration::from_secs(1));
        let (_, mut kept) = asks.ask(NODE, Duration::from_secs(1));
        assert_eq!(asks.give_up(|node| node == NodeId(2)), 1);
        let told = lost.try_recv().expect("answered").expect("now");
        assert_eq!(told.err(), Some(cut_off(NodeId(2))));
        assert!(matches!(kept.try_recv(), Ok(None)));
        assert_eq!(asks.len(), 1);
    }

    #[test]
    fn an_answer_to_an_earlier_life_is_dropped() {
        let (before, after) = (Asks::new(1 << 40), Asks::new(7 << 40));
        let (late, _) = before.ask(NODE, Duration::from_secs(1));
        let (id, mut receiver) = after.ask(NODE, Duration::from_secs(1));
        after.answer(late, Ok(Response::Hunts(Vec::new())));
        assert!(matches!(receiver.try_recv(), Ok(None)));
        after.answer(id, Ok(Response::Hunts(Vec::new())));
        assert!(matches!(receiver.try_recv(), Ok(Some(Ok(_)))));
    }
}
