//! Waking a task: one flag and one place in a list; nothing is allocated.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Wake;

use super::tasks::TaskKey;

/// Tasks that were woken and not yet seen by the executor. A waker must be `Sync`, so there is a lock; one
/// thread alone ever takes it.
#[derive(Default)]
pub(super) struct Woken {
    any: AtomicBool,
    keys: Mutex<Vec<TaskKey>>,
}

impl Woken {
    fn push(&self, key: TaskKey) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.push(key);
        self.any.store(true, Ordering::Relaxed);
    }

    /// Moves what was woken to `ready`, in the order of waking.
    pub(super) fn take(&self, ready: &mut Vec<TaskKey>) {
        if self.any.load(Ordering::Relaxed) {
            self.any.store(false, Ordering::Relaxed);
            let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            ready.append(&mut keys);
        }
    }
}

/// Wakes one task.
pub(super) struct TaskWaker {
    key: TaskKey,
    queued: AtomicBool,
    woken: Arc<Woken>,
}

impl TaskWaker {
    /// For a new task, which its spawner puts among the ready ones.
    pub(super) fn new(key: TaskKey, woken: Arc<Woken>) -> Self {
        Self {
            key,
            queued: AtomicBool::new(true),
            woken,
        }
    }

    /// The task is polled now: from here on a wake counts again.
    pub(super) fn polling(&self) {
        self.queued.store(false, Ordering::Relaxed);
    }
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::Relaxed) {
            self.woken.push(self.key);
        }
    }
}
