//! The executor: polls ready tasks in an order that the seed decides, and moves time when none is ready.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::alarm::Alarm;
use super::choice::{Choice, Schedule};
use super::lane::Lane;
use super::step_hash::StepHash;
use super::tasks::{LifeId, TaskKey, Tasks};
use super::timers::Timers;
use super::waker::Woken;
use super::{LaneId, TimerKey};
use crate::outcome::{Happening, Step};

/// Polls at one instant past which tasks only wake each other, and time would never go on.
pub(crate) const POLLS_PER_INSTANT_MAX: u64 = 1_000_000;

/// What the kernel did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Turn<E> {
    /// Something happens in the world now.
    Event(E),
    /// Nothing is left to do up to the given time; it is that time now.
    Idle,
    /// Tasks only wake each other: this lane ran last.
    Livelock((u16, u16)),
}

/// Tasks, timers and virtual time. `E` is what happens in the world at a certain time.
pub(crate) struct Kernel<E> {
    now_us: Cell<u64>,
    lanes: RefCell<Vec<Lane>>,
    tasks: RefCell<Tasks>,
    woken: Arc<Woken>,
    ready: RefCell<Vec<TaskKey>>,
    timers: RefCell<Timers<Alarm<E>>>,
    choice: RefCell<Choice>,
    hash: Cell<StepHash>,
    draws: Cell<u64>,
    steps: Cell<u64>,
    polls_at_instant: Cell<u64>,
    trace: Option<RefCell<Vec<Step>>>,
}

impl<E> Kernel<E> {
    /// No tasks, at time 0. `lanes` names the lanes by node and core; the first is the world's.
    pub(crate) fn new(
        (seed, schedule): (u64, Schedule),
        lanes: impl IntoIterator<Item = (u16, u16)>,
        trace: bool,
    ) -> Self {
        Self {
            now_us: Cell::new(0),
            lanes: RefCell::new(lanes.into_iter().map(Lane::new).collect()),
            tasks: RefCell::default(),
            woken: Arc::default(),
            ready: RefCell::default(),
            timers: RefCell::default(),
            choice: RefCell::new(Choice::new(seed, schedule)),
            hash: Cell::default(),
            draws: Cell::new(0),
            steps: Cell::new(0),
            polls_at_instant: Cell::new(0),
            trace: trace.then(RefCell::default),
        }
    }

    /// True virtual time.
    pub(crate) fn now_us(&self) -> u64 {
        self.now_us.get()
    }

    /// Steps taken so far.
    pub(crate) fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// The rolling hash so far.
    pub(crate) fn hash(&self) -> u128 {
        self.hash.get().value()
    }

    /// A number was drawn from some stream: part of the hash, so that a surplus draw is seen at once.
    pub(crate) fn count_draw(&self) {
        self.draws.set(self.draws.get() + 1);
    }

    /// Keeps what happened, if the run is traced.
    pub(crate) fn trace(&self, what: impl FnOnce() -> Happening) {
        if let Some(trace) = &self.trace {
            trace.borrow_mut().push(Step {
                at_us: self.now_us.get(),
                hash: self.hash(),
                what: what(),
            });
        }
    }

    /// The trace so far; nothing if the run is not traced.
    pub(crate) fn take_trace(&self) -> Vec<Step> {
        self.trace.as_ref().map(RefCell::take).unwrap_or_default()
    }

    /// Starts a task in a lane, as part of a life.
    pub(crate) fn spawn(
        &self,
        lane: LaneId,
        life: LifeId,
        task: impl Future<Output = ()> + 'static,
    ) {
        let key = self
            .tasks
            .borrow_mut()
            .insert(lane, life, Box::pin(task), &self.woken);
        self.ready.borrow_mut().push(key);
    }

    /// Ends every task of a life between two polls. Its destructors run, and can wake, spawn or set timers.
    pub(crate) fn kill(&self, life: LifeId) {
        let killed = self.tasks.borrow_mut().kill(life);
        drop(killed);
    }

    /// Ends every task and timer, so that nothing keeps the world alive that they belong to.
    pub(crate) fn clear(&self) {
        let tasks = self.tasks.borrow_mut().clear();
        drop(tasks);
        let alarms = self.timers.borrow_mut().clear();
        drop(alarms);
    }

    /// Something will happen at `at_us`.
    pub(crate) fn schedule(&self, at_us: u64, event: E) -> TimerKey {
        self.timers
            .borrow_mut()
            .insert(at_us.max(self.now_us.get()), Alarm::Event(event))
    }

    /// Somebody is woken at `at_us`.
    pub(crate) fn wake_at(&self, at_us: u64, waker: Waker) -> TimerKey {
        self.timers.borrow_mut().insert(at_us, Alarm::Wake(waker))
    }

    /// The timer wakes `waker` instead of whom it was set for; false if it is not set any more.
    pub(crate) fn wake_instead(&self, timer: TimerKey, waker: &Waker) -> bool {
        match self.timers.borrow_mut().get_mut(timer) {
            Some(Alarm::Wake(current)) => {
                current.clone_from(waker);
                true
            }
            _ => false,
        }
    }

    /// Takes a timer back, if it is still set.
    pub(crate) fn cancel(&self, timer: TimerKey) {
        let cancelled = self.timers.borrow_mut().cancel(timer);
        drop(cancelled);
    }

    /// From now on no task of the lane runs, until it is resumed.
    pub(crate) fn pause(&self, lane: LaneId) {
        self.lanes.borrow_mut()[lane].paused = true;
    }

    /// The lane's tasks run again.
    pub(crate) fn resume(&self, lane: LaneId) {
        self.lanes.borrow_mut()[lane].paused = false;
        self.unpark(lane);
    }

    /// From now on each poll in the lane takes this long.
    pub(crate) fn set_poll_us(&self, lane: LaneId, poll_us: u64) {
        self.lanes.borrow_mut()[lane].poll_us = poll_us;
    }

    /// The lane is as new: neither paused nor busy.
    pub(crate) fn renew(&self, lane: LaneId) {
        let name = self.lanes.borrow()[lane].name;
        let old = std::mem::replace(&mut self.lanes.borrow_mut()[lane], Lane::new(name));
        self.ready.borrow_mut().extend(old.parked);
    }

    /// Runs until something happens in the world, or nothing is left to do up to `until_us`.
    pub(crate) fn turn(&self, until_us: u64) -> Turn<E> {
        loop {
            while let Some((key, lane)) = self.choose() {
                self.poll(key, lane);
                if self.polls_at_instant.get() > POLLS_PER_INSTANT_MAX {
                    return Turn::Livelock(self.lanes.borrow()[lane].name);
                }
            }
            let due = self.timers.borrow_mut().pop_due(self.now_us.get());
            match due {
                Some(Alarm::Wake(waker)) => waker.wake(),
                Some(Alarm::Free(lane)) => self.unpark(lane),
                Some(Alarm::Event(event)) => {
                    self.step(u64::MAX, 1);
                    return Turn::Event(event);
                }
                None if self.pass(until_us) => {}
                None => return Turn::Idle,
            }
        }
    }

    /// Time goes to the next timer; false if that lies after `until_us`, which it is then.
    fn pass(&self, until_us: u64) -> bool {
        let next = self.timers.borrow_mut().next_at_us();
        let is_within = next.is_some_and(|at_us| at_us <= until_us);
        let at_us = next.filter(|_| is_within).unwrap_or(until_us);
        self.now_us.set(self.now_us.get().max(at_us));
        self.polls_at_instant.set(0);
        is_within
    }

    /// Takes one ready task out, whose lane is free.
    fn choose(&self) -> Option<(TaskKey, LaneId)> {
        let mut ready = self.ready.borrow_mut();
        self.woken.take(&mut ready);
        loop {
            let index = match ready.len() {
                0 => return None,
                1 => 0,
                many => self.draw_below(many),
            };
            let key = ready.swap_remove(index);
            let Some(lane) = self.tasks.borrow_mut().lane(key) else {
                continue;
            };
            let place = &mut self.lanes.borrow_mut()[lane];
            if place.is_free(self.now_us.get()) {
                return Some((key, lane));
            }
            place.parked.push(key);
        }
    }

    fn draw_below(&self, many: usize) -> usize {
        self.count_draw();
        self.choice.borrow_mut().below(many, self.now_us.get())
    }

    fn poll(&self, key: TaskKey, lane: LaneId) {
        let Some(mut runnable) = self.tasks.borrow_mut().take(key) else {
            return;
        };
        self.polls_at_instant.set(self.polls_at_instant.get() + 1);
        runnable.flag.polling();
        let polled = runnable
            .future
            .as_mut()
            .poll(&mut Context::from_waker(&runnable.waker));
        let killed = match polled {
            Poll::Ready(()) => {
                self.tasks.borrow_mut().remove(key);
                Some(runnable)
            }
            Poll::Pending => self.tasks.borrow_mut().put_back(key, runnable),
        };
        drop(killed);
        self.occupy(lane);
        self.step(key.serial, 0);
        self.trace(|| Happening::Ran {
            lane: self.lanes.borrow()[lane].name,
            task: key.serial,
        });
    }

    /// The lane is busy with what it polled, if polls take it time.
    fn occupy(&self, lane: LaneId) {
        let place = &mut self.lanes.borrow_mut()[lane];
        if place.poll_us > 0 {
            place.free_at_us = self.now_us.get() + place.poll_us;
            self.timers
                .borrow_mut()
                .insert(place.free_at_us, Alarm::Free(lane));
        }
    }

    fn unpark(&self, lane: LaneId) {
        let parked = std::mem::take(&mut self.lanes.borrow_mut()[lane].parked);
        self.ready.borrow_mut().extend(parked);
    }

    fn step(&self, task: u64, kind: u64) {
        self.steps.set(self.steps.get() + 1);
        let mut hash = self.hash.get();
        hash.add([self.now_us.get(), task, kind, self.draws.get()]);
        self.hash.set(hash);
    }

    #[cfg(test)]
    pub(super) fn timers_in_heap(&self) -> usize {
        self.timers.borrow().in_heap()
    }
}
