//! `FDBDatabase`: a store that is open, and what its transactions begin with.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use store::{StoreError, code};

use crate::network;
use crate::open_stores::OpenStore;
use crate::options::{DatabaseOption, TransactionDefaults};
use crate::place::Place;
use crate::transaction::TransactionHandle;

/// What an `FDBDatabase` points to.
pub(crate) struct Database {
    pub(crate) place: Place,
    pub(crate) store: Arc<OpenStore>,
    /// Replaced as a whole, so that a transaction keeps those of its begin.
    defaults: Mutex<Arc<TransactionDefaults>>,
    watches: AtomicUsize,
    watches_max: AtomicUsize,
}

/// A watch that is under way, counted by its database.
pub(crate) struct WatchPlace(Arc<Database>);

impl Database {
    /// Opens the store at `place`; 2008 before the network is set up.
    pub(crate) fn open(place: Place) -> Result<Arc<Self>, StoreError> {
        network::check_set_up()?;
        let store = OpenStore::open(&place.store)?;
        Ok(Arc::new(Self {
            place,
            store,
            defaults: Mutex::default(),
            watches: AtomicUsize::new(0),
            watches_max: AtomicUsize::new(store::limits::WATCHES_MAX),
        }))
    }

    /// Sets an option for the transactions that begin from now on.
    pub(crate) fn set_option(&self, option: i32, value: Option<&[u8]>) -> Result<(), StoreError> {
        let effect = DatabaseOption::of(option, value)?;
        let mut defaults = self.defaults.lock().unwrap_or_else(PoisonError::into_inner);
        match effect {
            DatabaseOption::Default(option) => {
                let options = &mut Arc::make_mut(&mut defaults).options;
                options.retain(|(other, _)| *other != option);
                options.push((option, value.map(<[u8]>::to_vec)));
            }
            DatabaseOption::SnapshotReads(change) => {
                Arc::make_mut(&mut defaults).snapshot_reads += change;
            }
            DatabaseOption::WatchesMax(most) => self.watches_max.store(most, Ordering::Relaxed),
            DatabaseOption::WithoutEffect => {}
        }
        Ok(())
    }

    /// What a transaction that begins now begins with.
    pub(crate) fn defaults(&self) -> Arc<TransactionDefaults> {
        Arc::clone(&self.defaults.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A place for one more watch; 1032 if there is none. The store has a limit of its own besides.
    pub(crate) fn take_watch_place(self: &Arc<Self>) -> Result<WatchPlace, StoreError> {
        let most = self.watches_max.load(Ordering::Relaxed);
        let taken = self.watches.fetch_add(1, Ordering::Relaxed);
        let place = WatchPlace(Arc::clone(self));
        match taken < most {
            true => Ok(place),
            false => Err(StoreError::new(code::TOO_MANY_WATCHES)),
        }
    }

    /// Begins a transaction.
    pub(crate) fn begin(self: &Arc<Self>) -> TransactionHandle {
        TransactionHandle::begin(self)
    }
}

impl Drop for WatchPlace {
    fn drop(&mut self) {
        self.0.watches.fetch_sub(1, Ordering::Relaxed);
    }
}
