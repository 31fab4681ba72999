//! What a core's handle on the store stands on. Its time is the true one: versions follow it.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use rand_xoshiro::rand_core::Rng;
use store::Environment;

use super::clock::micros;
use super::world::World;
use crate::kernel::{Sleep, Stream};

/// Time and dice of one handle.
pub(crate) struct StoreEnvironment {
    world: Rc<World>,
    random: RefCell<Stream>,
}

impl StoreEnvironment {
    pub(crate) fn new(world: Rc<World>, random: Stream) -> Self {
        Self {
            world,
            random: RefCell::new(random),
        }
    }
}

impl Environment for StoreEnvironment {
    fn now_us(&self) -> u64 {
        self.world.kernel.now_us()
    }

    fn random_u64(&self) -> u64 {
        self.world.kernel.count_draw();
        self.random.borrow_mut().next_u64()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()>>> {
        let at_us = self.now_us().saturating_add(micros(duration));
        Box::pin(Sleep::until(self.world.kernel.clone(), at_us))
    }

    fn probe(&self, name: &'static str) {
        self.world.probe(name);
    }
}
