//! An executor of one task whose clock jumps to the next wake-up.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use store::Environment;

/// Time that passes only when everybody sleeps.
pub(crate) struct VirtualTime {
    now_us: Cell<u64>,
    random: Cell<u64>,
    next_id: Cell<u64>,
    sleepers: Rc<RefCell<Sleepers>>,
    probes: RefCell<BTreeMap<&'static str, u32>>,
}

/// Who wakes up when, in order; the number keeps equal times apart.
type Sleepers = BTreeMap<(u64, u64), Option<Waker>>;

/// Whether the one task was woken since its last poll.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl VirtualTime {
    pub(crate) fn new(seed: u64) -> Rc<Self> {
        Rc::new(Self {
            now_us: Cell::new(1_000_000),
            random: Cell::new(seed),
            next_id: Cell::new(0),
            sleepers: Rc::default(),
            probes: RefCell::default(),
        })
    }

    /// How often a probe was told.
    pub(crate) fn probed(&self, name: &str) -> u32 {
        self.probes.borrow().get(name).copied().unwrap_or(0)
    }

    /// Microseconds since the start.
    pub(crate) fn now(&self) -> u64 {
        self.now_us.get()
    }

    /// Runs `future` to its end.
    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&woken));
        let mut future = pin!(future);
        loop {
            if woken.0.swap(false, Ordering::Relaxed) {
                if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(&waker))
                {
                    return result;
                }
            } else {
                self.jump();
            }
        }
    }

    /// Goes to the next wake-up.
    fn jump(&self) {
        let next = self.sleepers.borrow_mut().pop_first();
        let ((wake_us, _), waker) = next.expect("everything waits, and nothing is going to happen");
        self.now_us.set(self.now_us.get().max(wake_us));
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A sleeper's place, which it leaves when it is dropped.
struct Sleeper {
    place: (u64, u64),
    sleepers: Rc<RefCell<Sleepers>>,
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.sleepers.borrow_mut().remove(&self.place);
    }
}

impl Environment for VirtualTime {
    fn now_us(&self) -> u64 {
        // Every look takes a little, so that no loop stands still.
        self.now_us.set(self.now_us.get() + 1);
        self.now_us.get()
    }

    fn random_u64(&self) -> u64 {
        // Knuth's multiplicative generator; the high bits are the good ones.
        let next = self
            .random
            .get()
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        self.random.set(next);
        next.rotate_right(32)
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()>>> {
        let wake_us =
            self.now_us.get() + u64::try_from(duration.as_micros()).unwrap_or(u64::MAX / 2);
        self.next_id.set(self.next_id.get() + 1);
        let sleeper = Sleeper {
            place: (wake_us, self.next_id.get()),
            sleepers: Rc::clone(&self.sleepers),
        };
        sleeper.sleepers.borrow_mut().insert(sleeper.place, None);
        Box::pin(poll_fn(move |context| {
            match sleeper.sleepers.borrow_mut().get_mut(&sleeper.place) {
                Some(waker) => {
                    *waker = Some(context.waker().clone());
                    Poll::Pending
                }
                None => Poll::Ready(()),
            }
        }))
    }

    fn probe(&self, name: &'static str) {
        assert!(store_sim::PROBES.contains(&name), "{name} is not listed");
        *self.probes.borrow_mut().entry(name).or_default() += 1;
    }
}
