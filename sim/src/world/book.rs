//! Keeps what the clients saw, and which of their operations are still open.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::task::{Context, Poll, Waker};

use super::client_port::Told;
use crate::history::{Answer, Ask, History, Op, Try};

/// The history, as it is written.
#[derive(Default)]
pub(crate) struct Book {
    history: RefCell<History>,
    open: RefCell<BTreeMap<usize, Open>>,
    /// How many commands of each operation were counted as answered.
    counted: RefCell<Vec<u32>>,
    commands: Cell<u64>,
}

/// An operation that its client has not ended yet.
#[derive(Default)]
struct Open {
    /// Answers that the client has not looked at.
    told: VecDeque<Told>,
    client: Option<Waker>,
}

/// Names a question of a client: one try of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AskKey {
    op: usize,
    nth_try: usize,
}

impl Book {
    pub(crate) fn begin(&self, client: u32, nth: u32, ask: Ask) -> usize {
        let mut history = self.history.borrow_mut();
        let op = history.ops.len();
        history.ops.push(Op {
            client,
            nth,
            ask,
            // Most are tried once, and a try is large.
            tries: Vec::with_capacity(1),
        });
        self.counted.borrow_mut().push(0);
        self.open.borrow_mut().insert(op, Open::default());
        op
    }

    /// One more try; gives back what is asked.
    pub(crate) fn sent(&self, op: usize, node: u16, core: u16, now_us: u64) -> (AskKey, Ask) {
        let Op { tries, ask, .. } = &mut self.history.borrow_mut().ops[op];
        let key = AskKey {
            op,
            nth_try: tries.len(),
        };
        tries.push(Try {
            node,
            core,
            sent_us: now_us,
            ended_us: None,
            answer: None,
        });
        (key, ask.clone())
    }

    /// An answer has come to the client, which may not wait for it any more. Of several to one question the first is
    /// the one.
    pub(crate) fn answered(&self, key: AskKey, answer: Answer, now_us: u64) {
        let AskKey { op, nth_try } = key;
        let told = Told::by(&answer);
        {
            let tried = &mut self.history.borrow_mut().ops[op].tries[nth_try];
            if tried.ended_us.is_some() {
                return;
            }
            self.count(op, &answer);
            tried.ended_us = Some(now_us);
            tried.answer = Some(answer);
        }
        let client = self.open.borrow_mut().get_mut(&op).and_then(|open| {
            open.told.push_back(told);
            open.client.take()
        });
        if let Some(client) = client {
            client.wake();
        }
    }

    /// The next answer that the client has not looked at. Past what must be asked again, if something behind it settles the
    /// operation: a client that sends each try twice would never catch up with its refusals.
    pub(crate) fn poll_answer(&self, op: usize, context: &mut Context<'_>) -> Poll<Told> {
        let mut open = self.open.borrow_mut();
        let Some(open) = open.get_mut(&op) else {
            return Poll::Pending;
        };
        let settled = open.told.iter().position(|told| told.settled);
        open.told.drain(..settled.unwrap_or(0));
        match open.told.pop_front() {
            Some(told) => Poll::Ready(told),
            None => {
                open.client = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    /// A command that is asked again counts once; of a batch, as many as any one answer held.
    fn count(&self, op: usize, answer: &Answer) {
        let answered = match answer {
            Answer::Command(answered) => usize::from(answered.is_ok()),
            Answer::Commands(answers) => answers.iter().filter(|answer| answer.is_ok()).count(),
            Answer::Query(_) | Answer::Hunts(_) | Answer::Status(_) | Answer::Feed(_) => 0,
        };
        let answered = u32::try_from(answered).expect("a batch holds few commands");
        let counted = &mut self.counted.borrow_mut()[op];
        self.commands
            .set(self.commands.get() + u64::from(answered.saturating_sub(*counted)));
        *counted = answered.max(*counted);
    }

    pub(crate) fn ended(&self, op: usize) {
        self.open.borrow_mut().remove(&op);
    }

    /// Commands that were answered, repetitions not counted.
    pub(crate) fn commands(&self) -> u64 {
        self.commands.get()
    }

    /// How many operations are open.
    pub(crate) fn open(&self) -> usize {
        self.open.borrow().len()
    }

    /// The oldest open operation, in a few words.
    pub(crate) fn oldest_open(&self) -> Option<String> {
        let op = *self.open.borrow().first_key_value()?.0;
        let history = self.history.borrow();
        let found = &history.ops[op];
        let last = found.tries.last().map_or_else(
            || "never sent".to_owned(),
            |tried| {
                format!(
                    "last sent to {}.{} at {} us, answered {:?}",
                    tried.node, tried.core, tried.sent_us, tried.answer
                )
            },
        );
        Some(format!(
            "operation {} of client {} ({:?}): {} tries, {last}",
            found.nth,
            found.client,
            found.ask,
            found.tries.len()
        ))
    }

    pub(crate) fn take(&self) -> History {
        self.history.take()
    }
}
