//! Opening and closing a store on a cluster.

use std::ffi::CString;
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use foundationdb::options::DatabaseOption;
use futures::executor::block_on;
use store::{Store, StoreError, Transaction as _, TransactionOption, code};

use crate::error::store_error;
use crate::library;
use crate::meters::Meters;
use crate::network::Network;
use crate::raw::RawDatabase;
use crate::transaction::{Counted, FdbTransaction};
use crate::{FdbMetrics, FdbSettings, OpenError};

/// What the library answers to a file that is no cluster file.
const CONNECTION_STRING_INVALID: i32 = 2104;

/// A FoundationDB cluster, open in this process: once, and not again after it was closed. Cheap to clone, and shared by all cores.
#[derive(Clone)]
pub struct FdbDatabase(Arc<Open>);

struct Open {
    cluster_file: PathBuf,
    meters: Meters,
    /// Both until it is closed. The database goes first: it needs the network to end well.
    connection: Mutex<Option<(Arc<RawDatabase>, Network)>>,
}

/// One core's handle.
#[derive(Clone)]
pub struct FdbStore {
    database: Arc<RawDatabase>,
    meters: Rc<Counted>,
}

impl FdbDatabase {
    /// Loads the client library, starts its network, and waits until the cluster behind `cluster_file` answers.
    pub fn open(cluster_file: &Path, settings: &FdbSettings) -> Result<Self, OpenError> {
        settings.check()?;
        let coordinators = read_cluster_file(cluster_file)?;
        library::load(&settings.library)?;
        let refused = |error| refused(cluster_file, store_error(error));
        let network = Network::start().ok_or(OpenError::StartedBefore)?;
        let network = network.map_err(refused)?;
        let path = CString::new(cluster_file.as_os_str().as_bytes())
            .expect("a file whose name has a zero byte could not be read");
        let database = RawDatabase::open(&path).map_err(refused)?;
        set_limits(&database, settings).map_err(refused)?;
        let open = Self(Arc::new(Open {
            cluster_file: cluster_file.to_owned(),
            meters: Meters::default(),
            connection: Mutex::new(Some((Arc::new(database), network))),
        }));
        open.wait_for_cluster(settings.connect_timeout, coordinators)?;
        Ok(open)
    }

    /// A handle for one core, which counts for itself.
    ///
    /// # Panics
    ///
    /// If the database was closed.
    pub fn handle(&self) -> FdbStore {
        let connection = self.0.connection.lock();
        let connection = connection.unwrap_or_else(PoisonError::into_inner);
        let (database, _) = connection
            .as_ref()
            .expect("handles are made before the database is closed");
        FdbStore {
            database: Arc::clone(database),
            meters: Rc::new(Counted(self.0.meters.register())),
        }
    }

    /// Figures of all handles since the store was opened.
    pub fn metrics(&self) -> FdbMetrics {
        self.0.meters.sum()
    }

    /// Ends the connection and the network's thread; whatever still waits is never answered, so the cores end first. The last
    /// clone that is dropped does the same.
    pub fn close(&self) {
        self.0.close();
    }

    /// Asks for a read version, the least that shows that a cluster works.
    fn wait_for_cluster(&self, limit: Duration, coordinators: String) -> Result<(), OpenError> {
        let transaction = self.handle().begin();
        let ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        transaction.set_option(TransactionOption::Timeout(ms.max(1)));
        match block_on(transaction.read_version()) {
            Ok(_) => Ok(()),
            Err(error) if error.code() == code::TRANSACTION_TIMED_OUT => {
                Err(OpenError::NoCluster {
                    cluster_file: self.0.cluster_file.clone(),
                    coordinators,
                    waited: limit,
                })
            }
            Err(source) => Err(refused(&self.0.cluster_file, source)),
        }
    }
}

impl Open {
    fn close(&self) {
        let connection = self.connection.lock();
        let connection = connection.unwrap_or_else(PoisonError::into_inner).take();
        if let Some((database, network)) = connection {
            drop(database);
            drop(network);
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for FdbDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FdbDatabase")
            .field("cluster_file", &self.0.cluster_file)
            .finish_non_exhaustive()
    }
}

impl Store for FdbStore {
    type Transaction = FdbTransaction;

    fn begin(&self) -> FdbTransaction {
        let raw = self.database.begin();
        let raw = raw.expect("the library makes transactions as long as a database is open");
        FdbTransaction::new(raw, Rc::clone(&self.meters))
    }
}

/// What the library has against the file, which it reads when it opens the database or later.
fn refused(cluster_file: &Path, source: StoreError) -> OpenError {
    let cluster_file = cluster_file.to_owned();
    match source.code() {
        CONNECTION_STRING_INVALID => OpenError::NotAClusterFile { cluster_file },
        _ => OpenError::Refused {
            cluster_file,
            source,
        },
    }
}

/// The coordinators that the file names: its first line that is no comment. A directory stands for itself: `fdb-c` keeps its
/// store there.
fn read_cluster_file(path: &Path) -> Result<String, OpenError> {
    if path.is_dir() {
        return Ok("none".to_owned());
    }
    let text = std::fs::read_to_string(path).map_err(|source| OpenError::NoClusterFile {
        cluster_file: path.to_owned(),
        source,
    })?;
    let mut lines = text.lines().map(str::trim);
    let line = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(line.unwrap_or("none").to_owned())
}

fn set_limits(database: &RawDatabase, settings: &FdbSettings) -> foundationdb::FdbResult<()> {
    let ms = |limit: Duration| i32::try_from(limit.as_millis()).unwrap_or(i32::MAX);
    let count = |limit: u32| i32::try_from(limit).unwrap_or(i32::MAX);
    if !settings.timeout.is_zero() {
        database.set_option(DatabaseOption::TransactionTimeout(ms(settings.timeout)))?;
    }
    database.set_option(DatabaseOption::TransactionMaxRetryDelay(ms(
        settings.max_retry_delay
    )))?;
    let bytes = i32::try_from(settings.size_limit_bytes).unwrap_or(i32::MAX);
    database.set_option(DatabaseOption::TransactionSizeLimit(bytes))?;
    match settings.retry_limit {
        Some(retries) => database.set_option(DatabaseOption::TransactionRetryLimit(count(retries))),
        None => Ok(()),
    }
}
