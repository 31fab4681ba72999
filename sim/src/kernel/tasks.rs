//! The tasks that live, each in a place of its own.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Waker;

use slab::Slab;

use super::LaneId;
use super::waker::{TaskWaker, Woken};

/// What a task belongs to: one life of one node. 0 is the world, which is never killed.
pub(crate) type LifeId = u32;

/// A task's place, and its number, which no other task ever has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TaskKey {
    slot: u32,
    pub(super) serial: u64,
}

type Future0 = Pin<Box<dyn Future<Output = ()>>>;

/// What it takes to poll a task.
pub(super) struct Runnable {
    pub(super) future: Future0,
    pub(super) waker: Waker,
    pub(super) flag: Arc<TaskWaker>,
}

struct Entry {
    serial: u64,
    lane: LaneId,
    life: LifeId,
    /// None while it is being polled.
    runnable: Option<Runnable>,
}

/// All tasks.
#[derive(Default)]
pub(super) struct Tasks {
    entries: Slab<Entry>,
    spawned: u64,
}

impl Tasks {
    pub(super) fn insert(
        &mut self,
        lane: LaneId,
        life: LifeId,
        future: Future0,
        woken: &Arc<Woken>,
    ) -> TaskKey {
        let slot = self.entries.vacant_entry();
        let key = TaskKey {
            slot: u32::try_from(slot.key()).expect("memory ends before four billion tasks"),
            serial: self.spawned,
        };
        self.spawned += 1;
        let flag = Arc::new(TaskWaker::new(key, woken.clone()));
        slot.insert(Entry {
            serial: key.serial,
            lane,
            life,
            runnable: Some(Runnable {
                future,
                waker: Waker::from(flag.clone()),
                flag,
            }),
        });
        key
    }

    fn entry(&mut self, key: TaskKey) -> Option<&mut Entry> {
        let entry = self.entries.get_mut(key.slot as usize)?;
        (entry.serial == key.serial).then_some(entry)
    }

    /// The task's lane; none if it has ended.
    pub(super) fn lane(&mut self, key: TaskKey) -> Option<LaneId> {
        self.entry(key).map(|entry| entry.lane)
    }

    /// Takes the task out to poll it.
    pub(super) fn take(&mut self, key: TaskKey) -> Option<Runnable> {
        self.entry(key)?.runnable.take()
    }

    /// Puts it back. Handed back if it was killed meanwhile.
    pub(super) fn put_back(&mut self, key: TaskKey, runnable: Runnable) -> Option<Runnable> {
        match self.entry(key) {
            Some(entry) => {
                entry.runnable = Some(runnable);
                None
            }
            None => Some(runnable),
        }
    }

    /// The task has ended.
    pub(super) fn remove(&mut self, key: TaskKey) {
        if self.entry(key).is_some() {
            self.entries.remove(key.slot as usize);
        }
    }

    /// Takes out every task of a life. To be dropped when nothing is borrowed: destructors run code.
    #[must_use]
    pub(super) fn kill(&mut self, life: LifeId) -> Vec<Runnable> {
        let slots: Vec<usize> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.life == life)
            .map(|(slot, _)| slot)
            .collect();
        slots
            .into_iter()
            .filter_map(|slot| self.entries.remove(slot).runnable)
            .collect()
    }

    /// Takes out every task.
    #[must_use]
    pub(super) fn clear(&mut self) -> Vec<Runnable> {
        self.entries
            .drain()
            .filter_map(|entry| entry.runnable)
            .collect()
    }
}
