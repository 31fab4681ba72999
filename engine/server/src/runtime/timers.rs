//! One clock per core: all time-outs hang on one wheel that the pump turns.
//!
//! hyper wants sleeps that are `Send + Sync`; the runtime's own timers are neither, and cost a tree insertion each. A
//! [`WheelSleep`] is only a number and a deadline: it finds its wheel through the thread that polls it. It belongs to
//! that core, as everything in a thread-per-core program does.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::wheel::{TimerKey, Wheel};

/// How far apart two ticks are: a time-out may be late by so much.
pub const TICK: Duration = Duration::from_millis(1);

/// How long the core waits at most while no timer is due.
const WAIT_MAX: Duration = Duration::from_millis(500);

struct CoreClock {
    origin: Instant,
    wheel: Wheel,
    /// Kept between turns for its room.
    fired: Vec<Waker>,
}

thread_local! {
    static CLOCK: RefCell<CoreClock> = RefCell::new(CoreClock { origin: Instant::now(), wheel: Wheel::new(), fired: Vec::new() });
}

/// Ends the sleeps of this core that are due at `now`; returns how many. Whoever runs a core calls it again and again.
pub(crate) fn fire(now: Instant) -> usize {
    let mut fired = CLOCK.with_borrow_mut(|clock| {
        let tick = tick_floor(now.saturating_duration_since(clock.origin));
        let mut fired = std::mem::take(&mut clock.fired);
        clock.wheel.advance(tick, &mut fired);
        fired
    });
    let count = fired.len();
    // Outside the borrow: whoever is woken may arm a timer at once.
    fired.drain(..).for_each(Waker::wake);
    CLOCK.with_borrow_mut(|clock| clock.fired = fired);
    count
}

/// How long until the next sleep of this core is due, counted from `now`; a while if none is soon.
pub(crate) fn until_next(now: Instant) -> Duration {
    CLOCK.with_borrow(|clock| {
        let ticks_max = tick_floor(WAIT_MAX);
        let tick = clock.wheel.next_due(ticks_max);
        let due = TICK.saturating_mul(u32::try_from(tick).unwrap_or(u32::MAX));
        due.saturating_sub(now.saturating_duration_since(clock.origin))
            .min(WAIT_MAX)
    })
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
    use crate::runtime::{client_executor, tasks};

    /// Runs on a core of its own.
    fn check(test: impl Future<Output = ()> + 'static) {
        client_executor().expect("an executor").run(test);
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
                    tasks::spawn(async move {
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
