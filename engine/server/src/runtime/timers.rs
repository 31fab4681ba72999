//! One coarse clock per core: all time-outs hang on one wheel that one task turns.
//!
//! hyper wants sleeps that are `Send + Sync`; the runtime's own timers are neither, and cost a tree insertion each. A
//! [`WheelSleep`] is only a number and a deadline: it finds its wheel through the thread that polls it. It belongs to
//! that core, as everything in a thread-per-core program does.
//!
//! The task that turns the wheel also guards against a fault of the runtime: an executor that loses its processor
//! between polling and running parks although tasks are ready, and sleeps until something completes. If the task that
//! turns the wheel is among the ready ones, its own timer has completed already. So several timers are armed ahead of it,
//! the next one soon while the core is busy: whatever else is quiet, one of them completes.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use glommio::timer::Timer;

use super::wheel::{TimerKey, Wheel};

/// How far apart two ticks are: a time-out may be late by so much.
pub const TICK: Duration = Duration::from_millis(10);

/// How far apart turns are while the core is busy: so long at most it sleeps by mistake.
const TICK_BUSY: Duration = Duration::from_millis(1);

/// A core that ran more tasks than this between two turns is busy.
const IDLE_TASKS_PER_TURN: u64 = 4;

/// When the timers of one turn are due, in ticks; all but the first only guard it. A core that is kept off its processor
/// until the last of them is due may park for good: on a crowded machine that takes seconds, and a tick may be 1 ms.
const GUARDS: [u32; 12] = [1, 2, 3, 5, 10, 20, 50, 100, 300, 1_000, 3_000, 10_000];

struct CoreClock {
    origin: Instant,
    wheel: Wheel,
}

thread_local! {
    static CLOCK: RefCell<CoreClock> = RefCell::new(CoreClock { origin: Instant::now(), wheel: Wheel::new() });
}

/// Turns this core's wheel for ever. Without it no [`WheelSleep`] of the core ends.
pub async fn turn_wheel() {
    let mut fired: Vec<Waker> = Vec::new();
    loop {
        // Taking the statistics resets them.
        let tasks_run = glommio::executor().executor_stats().tasks_executed();
        let is_busy = tasks_run > IDLE_TASKS_PER_TURN;
        guarded_sleep(if is_busy { TICK_BUSY } else { TICK }).await;
        CLOCK.with_borrow_mut(|clock| {
            let tick = tick_floor(clock.origin.elapsed());
            clock.wheel.advance(tick, &mut fired);
        });
        // Outside the borrow: whoever is woken may arm a timer at once.
        fired.drain(..).for_each(Waker::wake);
    }
}

/// Sleeps for `tick`, with timers armed beyond it, lest the executor parks with nothing left to wake it.
async fn guarded_sleep(tick: Duration) {
    let mut timers = GUARDS.map(|ticks| Timer::new(tick * ticks));
    poll_fn(|context| {
        // Each must be polled to be armed.
        let mut poll = Poll::Pending;
        for timer in &mut timers {
            if Pin::new(timer).poll(context).is_ready() {
                poll = Poll::Ready(());
            }
        }
        poll
    })
    .await;
}

/// Ends after at least `duration`, at most a tick later.
pub fn sleep(duration: Duration) -> WheelSleep {
    WheelSleep {
        deadline: Instant::now() + duration,
        key: None,
    }
}

/// A sleep on the wheel of the core that polls it.
pub struct WheelSleep {
    deadline: Instant,
    key: Option<TimerKey>,
}

impl Future for WheelSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let sleep = &mut *self;
        CLOCK.with_borrow_mut(|clock| match sleep.key {
            Some(key) if clock.wheel.renew(key, context.waker()) => Poll::Pending,
            Some(_) => Poll::Ready(()),
            None if Instant::now() >= sleep.deadline => Poll::Ready(()),
            None => {
                let tick = tick_ceiling(sleep.deadline.saturating_duration_since(clock.origin));
                sleep.key = Some(clock.wheel.insert(tick, context.waker().clone()));
                Poll::Pending
            }
        })
    }
}

impl hyper::rt::Sleep for WheelSleep {}

impl Drop for WheelSleep {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            // The thread's last values go in any order; without a wheel there is nothing to forget.
            let _ = CLOCK.try_with(|clock| clock.borrow_mut().wheel.remove(key));
        }
    }
}

/// The wheel as hyper's timer.
#[derive(Clone, Copy, Debug)]
pub struct WheelTimer;

impl hyper::rt::Timer for WheelTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(sleep(duration))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(WheelSleep {
            deadline,
            key: None,
        })
    }
}

fn tick_floor(elapsed: Duration) -> u64 {
    (elapsed.as_micros() / TICK.as_micros()) as u64
}

fn tick_ceiling(elapsed: Duration) -> u64 {
    tick_floor(elapsed) + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use glommio::{LocalExecutor, spawn_local};

    /// Runs with a turning wheel.
    fn check(test: impl Future<Output = ()>) {
        LocalExecutor::default().run(async {
            let wheel = spawn_local(turn_wheel());
            test.await;
            wheel.cancel().await;
        });
    }

    #[test]
    fn a_sleep_lasts_at_least_as_long_as_asked() {
        check(async {
            for ms in [0, 1, 5, 12, 30] {
                let start = Instant::now();
                sleep(Duration::from_millis(ms)).await;
                assert!(start.elapsed() >= Duration::from_millis(ms));
            }
        });
    }

    #[test]
    fn sleeps_end_in_the_order_of_their_deadlines() {
        check(async {
            let ended = std::rc::Rc::new(RefCell::new(Vec::new()));
            let tasks: Vec<_> = [90, 10, 50]
                .map(|ms| {
                    let ended = ended.clone();
                    spawn_local(async move {
                        sleep(Duration::from_millis(ms)).await;
                        ended.borrow_mut().push(ms);
                    })
                })
                .into();
            for task in tasks {
                task.await;
            }
            assert_eq!(*ended.borrow(), [10, 50, 90]);
        });
    }

    #[test]
    fn a_dropped_sleep_leaves_the_wheel() {
        check(async {
            let long = || sleep(Duration::from_secs(3_600));
            let mut held = Box::pin(long());
            futures::future::poll_immediate(&mut held).await;
            futures::future::poll_immediate(long()).await;
            assert_eq!(CLOCK.with_borrow(|clock| clock.wheel.len()), 1);
        });
    }
}
