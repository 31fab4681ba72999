//! Opening the store that a setting names.

use std::path::Path;

use store_embedded::{EmbeddedDatabase, EmbeddedSettings};
use store_sim::MemoryDatabase;

use super::environment;
use super::error::CliError;
use crate::runtime::{Backend, memory_database};
use crate::settings::{FdbLimits, MemoryPlan, SettingFlags, Settings, StoreLocation};

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
    fdb: &FdbLimits,
    task: W,
) -> Result<W::Output, CliError> {
    Ok(match location {
        StoreLocation::Embedded(directory) => task.run(open_embedded(directory, plan)?),
        StoreLocation::Fdb(cluster_file) => return with_fdb(cluster_file, fdb, task),
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
            "a store in memory is gone when its engine stops: name another".to_owned(),
        )),
        StoreLocation::Embedded(directory) if !directory.is_dir() => {
            Err(CliError::NoStore(directory.clone()))
        }
        StoreLocation::Embedded(_) | StoreLocation::Fdb(_) => {
            let settings = Settings::load(&SettingFlags::default(), None, &environment)?;
            let plan = MemoryPlan::choose(settings.memory_bytes);
            with_backend(&location, &plan, &settings.fdb, task)
        }
    }
}

/// Opens or makes an embedded store.
pub(super) fn open_embedded(
    directory: &Path,
    plan: &MemoryPlan,
) -> Result<EmbeddedDatabase, CliError> {
    let settings = EmbeddedSettings {
        when_idle: allocator::give_back,
        ..EmbeddedSettings::for_memory(plan.store)
    };
    EmbeddedDatabase::open(directory, settings).map_err(|error| CliError::Store(error.to_string()))
}

#[cfg(feature = "fdb")]
fn with_fdb<W: WithBackend>(
    cluster_file: &Path,
    limits: &FdbLimits,
    task: W,
) -> Result<W::Output, CliError> {
    let settings = store_fdb::FdbSettings {
        library: limits.library.clone(),
        connect_timeout: limits.connect_timeout,
        timeout: limits.timeout,
        retry_limit: limits.retry_limit,
        max_retry_delay: limits.max_retry_delay,
        size_limit_bytes: limits.size_limit_bytes,
    };
    let database = store_fdb::FdbDatabase::open(cluster_file, &settings)
        .map_err(|error| CliError::Store(error.to_string()))?;
    Ok(task.run(database))
}

#[cfg(not(feature = "fdb"))]
fn with_fdb<W: WithBackend>(
    cluster_file: &Path,
    _limits: &FdbLimits,
    _task: W,
) -> Result<W::Output, CliError> {
    // No such location is made: `StoreLocation::parse` says why.
    Err(CliError::Store(format!(
        "{}: this program was built without FoundationDB",
        cluster_file.display()
    )))
}
