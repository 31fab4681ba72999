//! A store that is opened once and reached from each core by a handle of its own.

use std::rc::Rc;

use store::{Environment, Store};
use store_embedded::EmbeddedDatabase;
use store_sim::MemoryDatabase;

use super::clock;

/// A store of the whole process; clones share it.
///
/// Everything above is generic over it, so that no read on the hot path goes through a table of functions.
pub trait Backend: Clone + Send + 'static {
    /// A core's handle.
    type Store: Store;

    /// The handle of the core with this environment.
    fn handle(&self, environment: Rc<dyn Environment>) -> Self::Store;

    /// Lets nothing be lost that closing well can save; the error says what went wrong.
    fn close(&self) -> Result<(), String>;
}

impl Backend for EmbeddedDatabase {
    type Store = store_embedded::EmbeddedStore;

    fn handle(&self, environment: Rc<dyn Environment>) -> Self::Store {
        Self::handle(self, environment)
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
