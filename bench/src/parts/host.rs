//! A machine for one core: virtual time that only goes on when everything waits, and the store in memory.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures::executor::{LocalPool, LocalSpawner};
use futures::task::LocalSpawnExt;
use hunt::Millis;
use node::{CoreAddress, Host, Message, SendRefused};
use store::Environment;
use store_sim::{MemoryDatabase, SimStore};

use super::claims::NOW;

/// Virtual time, and who waits for it.
#[derive(Default)]
struct Clock {
    now: Cell<Duration>,
    timers: RefCell<BTreeMap<(Duration, u64), Waker>>,
    timers_made: Cell<u64>,
    draws: Cell<u64>,
}

impl Clock {
    fn sleep(self: &Rc<Self>, duration: Duration) -> Sleep {
        self.timers_made.set(self.timers_made.get() + 1);
        Sleep {
            clock: Rc::clone(self),
            key: (self.now.get() + duration, self.timers_made.get()),
        }
    }

    fn random(&self) -> u64 {
        self.draws.set(self.draws.get() + 1);
        self.draws.get().wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    /// Goes to the next timer; false if there is none.
    fn advance(&self) -> bool {
        let Some(((at, _), waker)) = self.timers.borrow_mut().pop_first() else {
            return false;
        };
        self.now.set(self.now.get().max(at));
        waker.wake();
        true
    }
}

struct Sleep {
    clock: Rc<Clock>,
    key: (Duration, u64),
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.clock.now.get() >= self.key.0 {
            return Poll::Ready(());
        }
        let waker = context.waker().clone();
        self.clock.timers.borrow_mut().insert(self.key, waker);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.timers.borrow_mut().remove(&self.key);
    }
}

struct StoreClock(Rc<Clock>);

impl Environment for StoreClock {
    fn now_us(&self) -> u64 {
        u64::try_from(self.0.now.get().as_micros()).unwrap_or(u64::MAX)
    }

    fn random_u64(&self) -> u64 {
        self.0.random()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(self.0.sleep(duration))
    }
}

/// What the core stands on.
#[derive(Clone)]
pub(super) struct PartHost {
    clock: Rc<Clock>,
    spawner: LocalSpawner,
    store: SimStore,
}

impl Host for PartHost {
    type Store = SimStore;

    fn monotonic(&self) -> Duration {
        self.clock.now.get()
    }

    fn wall(&self) -> Millis {
        Millis(NOW.0 + u64::try_from(self.clock.now.get().as_millis()).unwrap_or(0))
    }

    fn random(&self) -> u64 {
        self.clock.random()
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + 'static {
        self.clock.sleep(duration)
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.spawner
            .spawn_local(task)
            .expect("the machine outlives its tasks");
    }

    /// There is no other core.
    fn send(&self, _to: CoreAddress, message: Message) -> Result<(), SendRefused> {
        Err(SendRefused::NoWay(Box::new(message)))
    }

    fn store(&self) -> &SimStore {
        &self.store
    }
}

/// The machine: runs what is spawned, and lets time pass where nothing else can.
pub(super) struct Machine {
    pool: LocalPool,
    clock: Rc<Clock>,
}

impl Machine {
    /// A machine on this database.
    pub(super) fn new(database: &MemoryDatabase) -> (Self, PartHost) {
        let pool = LocalPool::new();
        let clock = Rc::<Clock>::default();
        let host = PartHost {
            spawner: pool.spawner(),
            store: database.handle(Rc::new(StoreClock(Rc::clone(&clock)))),
            clock: Rc::clone(&clock),
        };
        (Self { pool, clock }, host)
    }

    /// Runs until `future` is done.
    pub(super) fn run<T: 'static>(&mut self, future: impl Future<Output = T> + 'static) -> T {
        let done = Rc::new(Cell::new(None));
        let result = Rc::clone(&done);
        self.pool
            .spawner()
            .spawn_local(async move { result.set(Some(future.await)) })
            .expect("the pool is there");
        loop {
            self.pool.run_until_stalled();
            if let Some(value) = done.take() {
                return value;
            }
            assert!(self.clock.advance(), "everything waits and no timer is set");
        }
    }
}
