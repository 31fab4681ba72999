//! The database itself, behind one mutex, the handles that cores have, and what a simulation does to it.

use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use store::{Database, Environment, Version};

use crate::core::Core;
use crate::link::Link;
use crate::probe::Probe;
use crate::shared::Shared;
use crate::{Fates, HandleId, Landing, Lie, RecoveryFate, SimBackend};

/// A store in memory, as one core uses it.
pub type SimStore = Database<SimBackend>;

/// A database in memory. Clones share it, also across threads.
///
/// What a simulation does to it (outages, recoveries) meets the handles of
/// [`MemoryDatabase::handle_with`] only; but for a lie and the window, which change the database.
#[derive(Clone, Debug)]
pub struct MemoryDatabase {
    shared: Arc<Mutex<Shared>>,
}

impl MemoryDatabase {
    /// An empty database, whose versions count from `now_us` on the clock that all its handles share.
    pub fn new(now_us: u64) -> Self {
        Self {
            shared: Arc::new(Mutex::new(Shared::new(now_us))),
        }
    }

    /// The faithful handle of the core with this environment: each operation is answered at once.
    pub fn handle(&self, environment: Rc<dyn Environment>) -> SimStore {
        self.store(environment, None)
    }

    /// The handle of a core to which things happen as `fates` says. A handle made anew under the number of
    /// an earlier one goes on counting where that one stopped, and is cut off while that one was.
    pub fn handle_with(
        &self,
        environment: Rc<dyn Environment>,
        handle: HandleId,
        fates: Rc<dyn Fates>,
    ) -> SimStore {
        let counts = Arc::clone(self.lock().counts.entry(handle).or_default());
        let link = Link {
            handle,
            fates,
            counts,
        };
        self.store(environment, Some(link))
    }

    fn store(&self, environment: Rc<dyn Environment>, link: Option<Link>) -> SimStore {
        Database::new(SimBackend::new(Core {
            database: self.clone(),
            environment,
            link,
        }))
    }

    /// Resolves every commit in flight whose time has come by `now_us`, in order, and tells its client.
    /// Every operation of a handle does so too; this is for commits whose clients are gone.
    pub fn advance(&self, now_us: u64) {
        self.change(|shared| shared.advance(now_us));
    }

    /// When [`MemoryDatabase::advance`] has something to do next; none while nothing is in flight that will
    /// ever be resolved.
    pub fn next_event_us(&self) -> Option<u64> {
        self.lock().next_event_us()
    }

    /// How many commits are in flight.
    pub fn in_flight(&self) -> usize {
        self.lock().flights.len()
    }

    /// Until then the store does nothing: what was asked waits, and so does what is in flight. An earlier
    /// time than before ends the outage sooner.
    pub fn set_unavailable_until(&self, until_us: u64) {
        self.change(|shared| shared.outages.set_unavailable(until_us));
    }

    /// Cuts `handle` off from the store until then; 0 joins it again. Its reads and read versions wait. A
    /// commit that it sends is lost and one in flight is resolved; either gets 1021 once the handle is
    /// back, if its client still waits.
    pub fn cut_off(&self, handle: HandleId, until_us: u64) {
        self.change(|shared| shared.outages.cut_off(handle, until_us));
    }

    /// The store recovers at `now_us`: every commit in flight ends as `fate_of` its handle and number
    /// says, versions jump by [`store::limits::RECOVERY_VERSIONS`], and what was read before is too old
    /// from now on. With [`MemoryDatabase::set_unavailable_until`] the recovery takes its time.
    pub fn recover(&self, now_us: u64, fate_of: impl Fn(HandleId, u64) -> RecoveryFate) {
        self.change(|shared| shared.recover(now_us, fate_of));
    }

    /// From now on a read may be `window` versions old, instead of
    /// [`store::limits::WINDOW_VERSIONS`]. Widened again, it grows with time.
    pub fn set_window(&self, window: Version) {
        assert!(window > 0, "a window of {window} versions lets nobody read");
        self.change(|shared| shared.set_window(window));
    }

    /// From now on commits are resolved at multiples of `interval_us` only, so that many share one
    /// version; 0: whenever they are due. Those due in the same microsecond share one anyway.
    pub fn set_commit_interval_us(&self, interval_us: u64) {
        self.change(|shared| shared.flights.interval_us = interval_us);
    }

    /// Makes the database unfaithful: `lie` is told whenever [`Fates::tells`] says so, and always by a
    /// handle without fates.
    pub fn plant(&self, lie: Option<Lie>) {
        self.change(|shared| shared.lie = lie);
    }

    /// From now on keeps what commits do to keys that begin with one of `prefixes`, until it is taken.
    pub fn watch_landings(&self, prefixes: Vec<Vec<u8>>) {
        self.change(|shared| shared.landings.watch(prefixes));
    }

    /// The landings since they were last taken, in the order in which they were applied.
    pub fn take_landings(&self) -> Vec<Landing> {
        self.lock().landings.take()
    }

    /// Hands out the names of the probes that were taken since, outside any handle's operation.
    pub fn drain_probes(&self, mut probe: impl FnMut(&'static str)) {
        let hits = self.lock().hits.take();
        hits.into_iter().for_each(|hit| probe(hit.name()));
    }

    /// Changes the database and tells those whom it concerns.
    fn change(&self, change: impl FnOnce(&mut Shared)) {
        let mut shared = self.lock();
        change(&mut shared);
        let tellings = shared.take_tellings();
        drop(shared);
        tellings.into_iter().for_each(|telling| telling.tell());
    }

    /// Looks at the database as of `now_us`. Tells those whom it concerns, and `probe` of rare paths,
    /// once the database is unlocked.
    pub(crate) fn look<T>(
        &self,
        now_us: u64,
        look: impl FnOnce(&mut Shared) -> T,
        probe: impl Fn(Probe),
    ) -> T {
        let mut shared = self.lock();
        shared.advance(now_us);
        let seen = look(&mut shared);
        let (tellings, hits) = (shared.take_tellings(), shared.hits.take());
        drop(shared);
        tellings.into_iter().for_each(|telling| telling.tell());
        hits.into_iter().for_each(probe);
        seen
    }

    /// The database as it was left. A panic in another thread leaves no half-applied commit that matters:
    /// what it had applied is above every version that was handed out.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
