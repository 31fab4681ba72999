//! The clock, dice and timer of the network thread.

use std::cell::Cell;
use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use store::Environment;

use super::timers::Timers;

static ORIGIN: OnceLock<(Instant, u64)> = OnceLock::new();

/// Microseconds since 1970 by the wall clock of the first question, and by the monotonic clock from then
/// on; on every thread the same.
pub(crate) fn now_us() -> u64 {
    let (origin, wall_us) = ORIGIN.get_or_init(|| {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH);
        (Instant::now(), whole_us(wall.unwrap_or_default()))
    });
    wall_us.saturating_add(whole_us(origin.elapsed()))
}

fn whole_us(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// What sessions on the network thread run in.
pub(super) struct NetworkEnvironment {
    timers: Rc<Timers>,
    dice: Cell<u64>,
}

impl NetworkEnvironment {
    /// Begins with a state of the dice that no other process has.
    pub(super) fn new(timers: Rc<Timers>) -> Self {
        let dice = Cell::new(RandomState::new().build_hasher().finish());
        Self { timers, dice }
    }
}

impl Environment for NetworkEnvironment {
    fn now_us(&self) -> u64 {
        now_us()
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    fn random_u64(&self) -> u64 {
        self.dice
            .set(self.dice.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
        let mut z = self.dice.get();
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()>>> {
        let until_us = now_us().saturating_add(whole_us(duration));
        Box::pin(self.timers.sleep(until_us))
    }
}
