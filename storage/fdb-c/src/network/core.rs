//! What lives on the network thread: transactions, and the tasks that work on them.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use store::{Environment, StoreError};

use super::environment::NetworkEnvironment;
use super::timers::Timers;
use super::{INBOX, Job, Promise};
use crate::future::FutureValue;
use crate::transaction::Transaction;

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// See the module. Borrowed by jobs, never by tasks.
pub(crate) struct Core {
    environment: Rc<dyn Environment>,
    timers: Rc<Timers>,
    tasks: RefCell<BTreeMap<u64, Task>>,
    tasks_made: Cell<u64>,
    transactions: RefCell<BTreeMap<u64, Rc<Transaction>>>,
    stopped: Cell<bool>,
}

/// Wakes one task, from any thread.
struct TaskWaker(u64);

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        INBOX.wake(self.0);
    }
}

impl Core {
    pub(super) fn new() -> Self {
        let timers = Rc::new(Timers::default());
        Self {
            environment: Rc::new(NetworkEnvironment::new(Rc::clone(&timers))),
            timers,
            tasks: RefCell::default(),
            tasks_made: Cell::default(),
            transactions: RefCell::default(),
            stopped: Cell::default(),
        }
    }

    /// The clock, dice and timer of this thread.
    pub(crate) fn environment(&self) -> Rc<dyn Environment> {
        Rc::clone(&self.environment)
    }

    /// Keeps `transaction` under its number.
    pub(crate) fn add_transaction(&self, id: u64, transaction: Transaction) {
        self.transactions
            .borrow_mut()
            .insert(id, Rc::new(transaction));
    }

    /// The transaction of this number; none if its database could not be opened.
    pub(crate) fn transaction(&self, id: u64) -> Option<Rc<Transaction>> {
        self.transactions.borrow().get(&id).cloned()
    }

    /// Forgets a transaction.
    pub(crate) fn remove_transaction(&self, id: u64) -> Option<Rc<Transaction>> {
        self.transactions.borrow_mut().remove(&id)
    }

    /// Starts `operation`, whose result keeps `promise`. As much of it as needs no waiting is done before
    /// this returns, so that what was called first is done first.
    pub(crate) fn spawn(
        &self,
        promise: Promise,
        operation: impl Future<Output = Result<FutureValue, StoreError>> + 'static,
    ) {
        let id = self.tasks_made.get() + 1;
        self.tasks_made.set(id);
        promise.is_kept_by(id);
        let task = Box::pin(async move { promise.keep(operation.await) });
        self.poll(id, task);
    }

    /// Drops a task. Its promise is broken: the future fails with 1101.
    pub(crate) fn abort(&self, id: u64) {
        let task = self.tasks.borrow_mut().remove(&id);
        drop(task);
    }

    /// Ends the network thread after the job that runs.
    pub(crate) fn stop(&self) {
        self.stopped.set(true);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.get()
    }

    pub(super) fn next_timer_us(&self) -> Option<u64> {
        self.timers.next_us()
    }

    /// One round: `jobs` in order, then the `woken` tasks, then the timers that are due.
    pub(super) fn turn(&self, jobs: VecDeque<Job>, woken: Vec<u64>) {
        for job in jobs {
            // What a job that panics leaves behind is its own transaction, which then answers 4100.
            drop(catch_unwind(AssertUnwindSafe(|| job(self))));
            if self.is_stopped() {
                return;
            }
        }
        for id in woken {
            let task = self.tasks.borrow_mut().remove(&id);
            if let Some(task) = task {
                self.poll(id, task);
            }
        }
        self.timers.fire();
    }

    fn poll(&self, id: u64, mut task: Task) {
        let waker = Waker::from(Arc::new(TaskWaker(id)));
        let mut context = Context::from_waker(&waker);
        let polled = catch_unwind(AssertUnwindSafe(|| task.as_mut().poll(&mut context)));
        if let Ok(Poll::Pending) = polled {
            self.tasks.borrow_mut().insert(id, task);
        }
    }
}
