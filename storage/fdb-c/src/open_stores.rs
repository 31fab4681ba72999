//! The stores that this process has open: each once, however many databases name it.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};

use store::{Environment, StoreError};
use store_embedded::{EmbeddedDatabase, EmbeddedSettings, OpenError};
use store_sim::MemoryDatabase;

use crate::backend::AnyBackend;
use crate::errors::code;
use crate::place::StoreName;

/// A store that is open. The last user of a directory closes it, which unlocks it; a store in memory stays
/// for as long as the process.
pub(crate) enum OpenStore {
    Embedded(OpenDirectory),
    Memory(MemoryDatabase),
}

/// A store in a directory.
pub(crate) struct OpenDirectory {
    name: StoreName,
    /// None only while it is being dropped.
    database: Option<EmbeddedDatabase>,
}

/// A directory stays in here until it is closed: one that can't be upgraded any more is being closed.
static DIRECTORIES: Mutex<BTreeMap<StoreName, Weak<OpenStore>>> = Mutex::new(BTreeMap::new());
static CLOSED: Condvar = Condvar::new();
static MEMORY: Mutex<BTreeMap<StoreName, Arc<OpenStore>>> = Mutex::new(BTreeMap::new());

impl OpenStore {
    /// The store `name`, opened if it is not.
    pub(crate) fn open(name: &StoreName) -> Result<Arc<Self>, StoreError> {
        match name {
            StoreName::Embedded(_) => Self::open_directory(name),
            StoreName::Memory(_) => {
                let mut stores = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
                // Counted from 1970, versions are large and were never in the window at the begin.
                let store = stores
                    .entry(name.clone())
                    .or_insert_with(|| Arc::new(Self::Memory(MemoryDatabase::new(0))));
                Ok(Arc::clone(store))
            }
        }
    }

    fn open_directory(name: &StoreName) -> Result<Arc<Self>, StoreError> {
        let mut stores = DIRECTORIES.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(store) = stores.get(name) {
            match store.upgrade() {
                Some(store) => return Ok(store),
                None => stores = CLOSED.wait(stores).unwrap_or_else(PoisonError::into_inner),
            }
        }
        let store = Arc::new(Self::Embedded(OpenDirectory::open(name)?));
        stores.insert(name.clone(), Arc::downgrade(&store));
        Ok(store)
    }

    /// The store as one transaction uses it.
    pub(crate) fn backend(&self, environment: Rc<dyn Environment>) -> AnyBackend {
        match self {
            Self::Embedded(directory) => {
                let store = directory.database().handle(environment);
                AnyBackend::Embedded(store.backend().clone())
            }
            Self::Memory(database) => {
                AnyBackend::Memory(database.handle(environment).backend().clone())
            }
        }
    }
}

impl OpenDirectory {
    fn open(name: &StoreName) -> Result<Self, StoreError> {
        let StoreName::Embedded(path) = name else {
            unreachable!("only a directory is opened as one");
        };
        let opened = EmbeddedDatabase::open(path, EmbeddedSettings::default());
        Ok(Self {
            name: name.clone(),
            database: Some(opened.map_err(|error| refused(&error))?),
        })
    }

    /// The database in it.
    pub(crate) fn database(&self) -> &EmbeddedDatabase {
        self.database
            .as_ref()
            .expect("it is taken out only when the last user is gone")
    }
}

impl Drop for OpenDirectory {
    /// Closes it, and only then lets it be opened again.
    fn drop(&mut self) {
        drop(self.database.take());
        let mut stores = DIRECTORIES.lock().unwrap_or_else(PoisonError::into_inner);
        stores.remove(&self.name);
        CLOSED.notify_all();
    }
}

fn refused(error: &OpenError) -> StoreError {
    let number = match error {
        OpenError::Locked { .. } => code::LOCK_FILE_FAILURE,
        OpenError::Damaged { .. } | OpenError::NewerFormat { .. } => code::FILE_CORRUPT,
        OpenError::NotAStore { .. } | OpenError::Setting { .. } => {
            store::code::CLIENT_INVALID_OPERATION
        }
        OpenError::Io { .. } => store::code::IO_ERROR,
    };
    StoreError::with_context(number, error.to_string())
}
