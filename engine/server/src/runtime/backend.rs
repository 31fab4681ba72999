//! A store that is opened once and reached from each core by a handle of its own.

use std::rc::Rc;
use std::sync::Arc;

use store::{Environment, Store};
use store_embedded::EmbeddedDatabase;
use store_sim::MemoryDatabase;

use super::clock;
use crate::http::StoreFigures;

/// A store of the whole process; clones share it.
///
/// Everything above is generic over it, so that no read on the hot path goes through a table of functions.
pub trait Backend: Clone + Send + 'static {
    /// A core's handle.
    type Store: Store;

    /// The handle of the core with this environment.
    fn handle(&self, environment: Rc<dyn Environment>) -> Self::Store;

    /// Why the store takes no commits any more, if so: until it is opened anew it never will.
    fn fault(&self) -> Option<String> {
        None
    }

    /// What the store says of itself at `/metrics`, to be asked from any thread; nothing, if it has nothing to say.
    fn figures(&self) -> StoreFigures {
        Arc::new(Vec::new)
    }

    /// Lets nothing be lost that closing well can save; the error says what went wrong.
    fn close(&self) -> Result<(), String>;
}

impl Backend for EmbeddedDatabase {
    type Store = store_embedded::EmbeddedStore;

    fn handle(&self, environment: Rc<dyn Environment>) -> Self::Store {
        Self::handle(self, environment)
    }

    fn fault(&self) -> Option<String> {
        Self::fault(self).map(|fault| fault.to_string())
    }

    fn figures(&self) -> StoreFigures {
        let database = self.clone();
        Arc::new(move || super::embedded_figures::embedded_figures(&database.metrics()))
    }

    fn close(&self) -> Result<(), String> {
        Self::close(self).map_err(|error| error.to_string())
    }
}

impl Backend for MemoryDatabase {
    type Store = store_sim::SimStore;

    fn handle(&self, environment: Rc<dyn Environment>) -> Self::Store {
        Self::handle(self, environment)
    }

    fn close(&self) -> Result<(), String> {
        Ok(())
    }
}

/// An empty store in memory, on the clock of the process.
pub fn memory_database() -> MemoryDatabase {
    MemoryDatabase::new(u64::try_from(clock::monotonic().as_micros()).unwrap_or(u64::MAX))
}

#[cfg(feature = "fdb")]
impl Backend for store_fdb::FdbDatabase {
    type Store = store_fdb::FdbStore;

    /// The library has clock, dice and timers of its own.
    fn handle(&self, _environment: Rc<dyn Environment>) -> Self::Store {
        Self::handle(self)
    }

    fn figures(&self) -> StoreFigures {
        let database = self.clone();
        Arc::new(move || super::fdb_figures::fdb_figures(&database.metrics()))
    }

    fn close(&self) -> Result<(), String> {
        Self::close(self);
        Ok(())
    }
}
