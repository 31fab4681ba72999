//! How the store's threads wake this core's futures.
//!
//! A committer thread, or a database client's network thread, must never touch a waker of this runtime: its counts are
//! small and its foreign wakes slow. A future that waits for such a thread is carried: it is polled with the waker
//! of a [`mesh::Slot`], and when the pump drains the slots it wakes the task that carries it.
//!
//! ```text
//!   task ──poll──▶ carry ──poll with slot waker──▶ store future ─ ─ ─▶ committer thread
//!    ▲               └─ tasks[slot] = the task's own waker                    │ one bit, one bell
//!    └────────────────── pump: drain slots, wake tasks ◀──────────────────────┘
//! ```

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use mesh::{Doorbell, Slot, WakeSet};

/// Futures of one core that may wait for foreign threads at once; more wait for a place first.
pub(crate) const CARRIED_MAX: usize = 4_096;
const _: () = assert!(
    CARRIED_MAX <= mesh::WAKE_SLOTS_MAX,
    "every carried future holds a slot"
);

/// One core's carried futures. Cheap to clone.
#[derive(Clone)]
pub struct Bridge(Rc<Inner>);

struct Inner {
    wakes: WakeSet,
    /// By slot: who carries the future.
    tasks: RefCell<Box<[Option<Waker>]>>,
    queue: RefCell<Queue>,
}

/// Who waits for a slot, by ticket.
#[derive(Default)]
struct Queue {
    waiting: BTreeMap<u64, Waker>,
    next_ticket: u64,
}

/// A carried future's place, or its place in the queue for one.
struct Place<'a> {
    bridge: &'a Inner,
    ticket: Option<u64>,
    held: Option<(Slot, Waker)>,
}

impl Bridge {
    /// A bridge whose foreign wakes ring `doorbell`.
    pub(crate) fn new(doorbell: Arc<Doorbell>) -> Self {
        Self::with_capacity(CARRIED_MAX, doorbell)
    }

    fn with_capacity(capacity: usize, doorbell: Arc<Doorbell>) -> Self {
        Self(Rc::new(Inner {
            wakes: WakeSet::new(capacity, doorbell),
            tasks: RefCell::new(vec![None; capacity].into()),
            queue: RefCell::default(),
        }))
    }

    /// Runs `future` so that foreign threads may wake it.
    pub async fn carry<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        let mut place = Place {
            bridge: &self.0,
            ticket: None,
            held: None,
        };
        poll_fn(|context| match place.waker(context.waker()) {
            Some(waker) => future.as_mut().poll(&mut Context::from_waker(waker)),
            None => Poll::Pending,
        })
        .await
    }

    /// Wakes the tasks whose futures foreign threads woke; returns how many.
    pub(crate) fn drain(&self) -> usize {
        let tasks = self.0.tasks.borrow();
        self.0.wakes.drain(|slot| {
            if let Some(task) = &tasks[slot] {
                task.wake_by_ref();
            }
        })
    }

    /// A drain would find something.
    pub(crate) fn is_pending(&self) -> bool {
        self.0.wakes.is_pending()
    }
}

impl Inner {
    fn wake_next(&self) {
        let next = self.queue.borrow_mut().waiting.pop_first();
        if let Some((_, task)) = next {
            task.wake();
        }
    }
}

impl Place<'_> {
    /// What to poll the future with so that `task` is woken; none while all slots are held.
    fn waker(&mut self, task: &Waker) -> Option<&Waker> {
        if self.held.is_none() {
            self.take(task);
        }
        let (slot, waker) = self.held.as_ref()?;
        let carrier = &mut self.bridge.tasks.borrow_mut()[slot.index()];
        match carrier {
            Some(carrier) if carrier.will_wake(task) => {}
            _ => *carrier = Some(task.clone()),
        }
        Some(waker)
    }

    fn take(&mut self, task: &Waker) {
        let queue = &mut *self.bridge.queue.borrow_mut();
        if let Some(slot) = self.bridge.wakes.slot() {
            let waker = slot.waker().into_waker();
            self.held = Some((slot, waker));
            self.ticket
                .take()
                .and_then(|ticket| queue.waiting.remove(&ticket));
            return;
        }
        let ticket = *self.ticket.get_or_insert_with(|| {
            queue.next_ticket += 1;
            queue.next_ticket
        });
        queue.waiting.insert(ticket, task.clone());
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some((slot, _)) = self.held.take() {
            let carrier = self.bridge.tasks.borrow_mut()[slot.index()].take();
            drop((carrier, slot));
            self.bridge.wake_next();
        } else if let Some(ticket) = self.ticket {
            // Who was called up but does not come must call up the next.
            let was_waiting = self
                .bridge
                .queue
                .borrow_mut()
                .waiting
                .remove(&ticket)
                .is_some();
            if !was_waiting {
                self.bridge.wake_next();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::channel::oneshot;
    use futures::executor::LocalPool;
    use futures::task::LocalSpawnExt;
    use std::cell::Cell;

    struct Silent;

    impl mesh::Bell for Silent {
        fn ring(&self) {}
    }

    /// Carries `count` futures over a bridge of `capacity` places, completes each from another thread, and returns how many ended.
    fn check(capacity: usize, count: usize) -> usize {
        let bridge = Bridge::with_capacity(capacity, Arc::new(Doorbell::new(Arc::new(Silent))));
        let ended = Rc::new(Cell::new(0));
        let mut pool = LocalPool::new();
        let mut senders = Vec::new();
        for _ in 0..count {
            let (sender, receiver) = oneshot::channel::<()>();
            senders.push(sender);
            let (bridge, ended) = (bridge.clone(), ended.clone());
            let task = async move {
                bridge.carry(receiver).await.expect("the sender sends");
                ended.set(ended.get() + 1);
            };
            pool.spawner().spawn_local(task).expect("the pool runs");
        }
        pool.run_until_stalled();
        assert_eq!(ended.get(), 0);
        std::thread::spawn(move || {
            senders
                .into_iter()
                .for_each(|sender| sender.send(()).expect("the receiver waits"))
        })
        .join()
        .expect("the thread ends");
        pool.run_until_stalled();
        assert_eq!(ended.get(), 0, "a foreign wake is seen by a drain only");
        while bridge.drain() > 0 {
            pool.run_until_stalled();
        }
        assert!(bridge.0.wakes.is_empty());
        ended.get()
    }

    #[test]
    fn a_foreign_thread_wakes_the_task_that_carries() {
        assert_eq!(check(4, 1), 1);
    }

    #[test]
    fn more_futures_than_places_take_turns() {
        assert_eq!(check(2, 9), 9);
    }
}
