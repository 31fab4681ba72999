//! Time and chance for the store's handles.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{clock, timers};

/// One core's environment.
pub(crate) struct GlommioEnvironment(RefCell<Xoshiro256PlusPlus>);

impl GlommioEnvironment {
    pub(crate) fn new(random: Xoshiro256PlusPlus) -> Self {
        Self(RefCell::new(random))
    }
}

impl store::Environment for GlommioEnvironment {
    fn now_us(&self) -> u64 {
        u64::try_from(clock::monotonic().as_micros()).unwrap_or(u64::MAX)
    }

    fn random_u64(&self) -> u64 {
        self.0.borrow_mut().next_u64()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(timers::sleep(duration))
    }
}
