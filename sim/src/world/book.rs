//! Keeps what the clients saw, and which of their operations are still open.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use crate::history::{Answer, Ask, History, Op, Try};

/// The history, as it is written.
#[derive(Default)]
pub(crate) struct Book {
    history: RefCell<History>,
    open: RefCell<BTreeSet<usize>>,
    /// How many commands of each operation were counted as answered.
    counted: RefCell<Vec<u32>>,
    commands: Cell<u64>,
}

impl Book {
    pub(crate) fn begin(&self, client: u32, nth: u32, ask: Ask) -> usize {
        let mut history = self.history.borrow_mut();
        let op = history.ops.len();
        history.ops.push(Op {
            client,
            nth,
            ask,
            tries: Vec::new(),
        });
        self.counted.borrow_mut().push(0);
        self.open.borrow_mut().insert(op);
        op
    }

    pub(crate) fn sent(&self, op: usize, node: u16, core: u16, now_us: u64) -> usize {
        let tries = &mut self.history.borrow_mut().ops[op].tries;
        tries.push(Try {
            node,
            core,
            sent_us: now_us,
            ended_us: None,
            answer: None,
        });
        tries.len() - 1
    }

    pub(crate) fn answered(&self, op: usize, nth_try: usize, answer: Answer, now_us: u64) {
        self.count(op, &answer);
        let tried = &mut self.history.borrow_mut().ops[op].tries[nth_try];
        tried.ended_us = Some(now_us);
        tried.answer = Some(answer);
    }

    /// A command that is asked again counts once; of a batch, as many as any one answer held.
    fn count(&self, op: usize, answer: &Answer) {
        let answered = match answer {
            Answer::Command(answered) => usize::from(answered.is_ok()),
            Answer::Commands(answers) => answers.iter().filter(|answer| answer.is_ok()).count(),
            Answer::Query(_) | Answer::Hunts(_) | Answer::Feed(_) => 0,
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
        let op = *self.open.borrow().first()?;
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
