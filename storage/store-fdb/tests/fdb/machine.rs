//! The machine's clock and timer for the suite.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use futures::channel::oneshot;
pub(crate) use futures::executor::block_on;
use store::Environment;

struct Machine {
    origin: Instant,
    dice: Cell<u64>,
}

/// The clock and timer of this thread.
pub(crate) fn machine() -> Rc<dyn Environment> {
    Rc::new(Machine {
        origin: Instant::now(),
        dice: Cell::new(1),
    })
}

impl Environment for Machine {
    fn now_us(&self) -> u64 {
        self.origin.elapsed().as_micros() as u64
    }

    /// Xorshift.
    fn random_u64(&self) -> u64 {
        let mut x = self.dice.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.dice.set(x);
        x
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()>>> {
        let (alarm, rung) = oneshot::channel();
        thread::spawn(move || {
            thread::sleep(duration);
            // Whoever slept may be gone.
            let _ = alarm.send(());
        });
        Box::pin(async move {
            let _ = rung.await;
        })
    }
}
