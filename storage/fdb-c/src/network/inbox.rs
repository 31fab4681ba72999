//! What other threads have for the network thread.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Job, now_us};

/// Jobs, and tasks that can go on.
pub(super) struct Inbox {
    state: Mutex<State>,
    filled: Condvar,
}

struct State {
    jobs: VecDeque<Job>,
    woken: Vec<u64>,
    /// Whether the network thread waits, so that someone must wake it.
    is_asleep: bool,
    is_closed: bool,
}

impl Inbox {
    pub(super) const fn new() -> Self {
        let state = State {
            jobs: VecDeque::new(),
            woken: Vec::new(),
            is_asleep: false,
            is_closed: false,
        };
        Self {
            state: Mutex::new(state),
            filled: Condvar::new(),
        }
    }

    /// Adds a job; a closed inbox drops it.
    pub(super) fn post(&self, job: Job) {
        let mut state = self.lock();
        if state.is_closed {
            drop(state);
            drop(job);
            return;
        }
        state.jobs.push_back(job);
        self.wake_if_asleep(state);
    }

    /// Notes that a task can go on.
    pub(super) fn wake(&self, task: u64) {
        let mut state = self.lock();
        if !state.is_closed {
            state.woken.push(task);
            self.wake_if_asleep(state);
        }
    }

    /// Everything that is there. Waits for something until `until_us`.
    pub(super) fn take(&self, until_us: Option<u64>) -> (VecDeque<Job>, Vec<u64>) {
        let mut state = self.lock();
        while state.jobs.is_empty() && state.woken.is_empty() {
            let left_us = until_us.map(|until_us| until_us.saturating_sub(now_us()));
            if left_us == Some(0) {
                break;
            }
            state.is_asleep = true;
            state = match left_us {
                None => self
                    .filled
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(left_us) => {
                    self.filled
                        .wait_timeout(state, Duration::from_micros(left_us))
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
            state.is_asleep = false;
        }
        (
            std::mem::take(&mut state.jobs),
            std::mem::take(&mut state.woken),
        )
    }

    /// Takes nothing more, and drops what is there.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        let jobs = std::mem::take(&mut state.jobs);
        drop(state);
        drop(jobs);
    }

    fn wake_if_asleep(&self, state: MutexGuard<'_, State>) {
        let is_asleep = state.is_asleep;
        drop(state);
        if is_asleep {
            self.filled.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
