//! One core's way of looking at the database, and of waiting for it.

use std::rc::Rc;
use std::time::Duration;

use store::{Environment, StoreError, code};

use crate::MemoryDatabase;
use crate::link::Link;
use crate::outages::Outage;
use crate::probe::Probe;
use crate::shared::Shared;

/// What the handle of one core consists of.
pub(crate) struct Core {
    pub(crate) database: MemoryDatabase,
    pub(crate) environment: Rc<dyn Environment>,
    /// None for a faithful handle.
    pub(crate) link: Option<Link>,
}

/// Who waits for an outage to end looks again this often: it may end sooner than it was said to.
pub(crate) const LOOK_AGAIN_US: u64 = 100_000;

impl Core {
    /// Looks at the database as of now, which the closure is told.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut Shared, u64) -> T) -> T {
        let now_us = self.environment.now_us();
        self.database.look(
            now_us,
            |shared| look(shared, now_us),
            |probe| self.probe(probe),
        )
    }

    /// Looks at the database once nothing keeps the handle from it.
    pub(crate) async fn reach<T>(
        &self,
        link: &Link,
        mut look: impl FnMut(&mut Shared, u64) -> T,
    ) -> T {
        loop {
            let seen = self.look(
                |shared, now_us| match shared.outages.of(link.handle, now_us) {
                    None => Ok(look(shared, now_us)),
                    Some(outage) => Err(outage),
                },
            );
            match seen {
                Ok(seen) => return seen,
                Err((outage, left_us)) => self.wait_out(outage, left_us).await,
            }
        }
    }

    /// Waits until nothing keeps an answer from the handle. Whether it was cut off meanwhile.
    pub(crate) async fn outlast(&self, link: &Link) -> bool {
        let mut was_cut_off = false;
        while let Some((outage, left_us)) =
            self.look(|shared, now_us| shared.outages.of(link.handle, now_us))
        {
            was_cut_off |= outage == Outage::CutOff;
            self.wait_out(outage, left_us).await;
        }
        was_cut_off
    }

    async fn wait_out(&self, outage: Outage, left_us: u64) {
        let mut leaving = None;
        match outage {
            Outage::CutOff => {
                self.probe(Probe::CutOffWaited);
                leaving = Some(Leaving::new(self, Probe::CutOffTimeout));
            }
            Outage::Unavailable => self.probe(Probe::Unavailable),
        }
        self.sleep_us(left_us.min(LOOK_AGAIN_US)).await;
        if let Some(leaving) = leaving {
            leaving.stay();
        }
    }

    /// An injected error, once it has got through to the handle.
    pub(crate) async fn fail(&self, link: &Link, code: i32, after_us: u64) -> StoreError {
        self.sleep_us(after_us).await;
        self.outlast(link).await;
        self.probe(match code {
            code::TRANSACTION_TOO_OLD => Probe::TooOld,
            code::FUTURE_VERSION => Probe::FutureVersion,
            code::PROCESS_BEHIND => Probe::ProcessBehind,
            _ => Probe::ReadFailed,
        });
        StoreError::new(code)
    }

    pub(crate) async fn sleep_us(&self, us: u64) {
        if us > 0 {
            self.environment.sleep(Duration::from_micros(us)).await;
        }
    }

    pub(crate) fn probe(&self, probe: Probe) {
        self.environment.probe(probe.name());
    }
}

/// Notices that a client gave up waiting: it timed out, was cancelled or was killed.
pub(crate) struct Leaving<'core> {
    core: &'core Core,
    probe: Option<Probe>,
}

impl<'core> Leaving<'core> {
    pub(crate) fn new(core: &'core Core, probe: Probe) -> Self {
        Self {
            core,
            probe: Some(probe),
        }
    }

    /// The client got what it waited for.
    pub(crate) fn stay(mut self) {
        self.probe = None;
    }
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if let Some(probe) = self.probe {
            self.core.probe(probe);
        }
    }
}
