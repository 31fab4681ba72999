//! Opening the store that a setting names.

use std::path::Path;

use store_embedded::{EmbeddedDatabase, EmbeddedSettings};
use store_sim::MemoryDatabase;

use super::error::CliError;
use crate::runtime::{Backend, memory_database};
use crate::settings::{MemoryPlan, StoreLocation};

/// What to do with a store of either kind; the code for each kind is its own.
pub(super) trait WithBackend {
    /// What comes out.
    type Output;

    /// Does it.
    fn run<B: Backend>(self, backend: B) -> Self::Output;
}

/// Opens the store, or makes one.
pub(super) fn with_backend<W: WithBackend>(
    location: &StoreLocation,
    plan: &MemoryPlan,
    task: W,
) -> Result<W::Output, CliError> {
    Ok(match location {
        StoreLocation::Embedded(directory) => task.run(open_embedded(directory, plan)?),
        StoreLocation::Memory => task.run::<MemoryDatabase>(memory_database()),
    })
}

/// Opens the store of a stopped engine; never makes one.
pub(super) fn with_stopped_store<W: WithBackend>(
    store: &str,
    task: W,
) -> Result<W::Output, CliError> {
    let location = StoreLocation::parse(store)
        .map_err(|detail| CliError::Usage(format!("--store: {detail}, not {store:?}")))?;
    match &location {
        StoreLocation::Memory => Err(CliError::Usage(
            "a store in memory is gone when its engine stops: name embedded:DIR".to_owned(),
        )),
        StoreLocation::Embedded(directory) if !directory.is_dir() => {
            Err(CliError::NoStore(directory.clone()))
        }
        StoreLocation::Embedded(_) => with_backend(&location, &MemoryPlan::choose(None), task),
    }
}

/// Opens or makes an embedded store.
pub(super) fn open_embedded(
    directory: &Path,
    plan: &MemoryPlan,
) -> Result<EmbeddedDatabase, CliError> {
    EmbeddedDatabase::open(directory, EmbeddedSettings::for_memory(plan.store))
        .map_err(|error| CliError::Store(error.to_string()))
}
