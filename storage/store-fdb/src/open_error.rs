//! Why a store on FoundationDB does not open.

use std::path::PathBuf;
use std::time::Duration;

use store::StoreError;

/// What is missing, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The client library is not there.
    #[error(
        "FoundationDB's client library {library} can't be loaded ({detail}): install the package foundationdb-clients 7.3, \
         or name the file in the setting fdb_library"
    )]
    NoLibrary {
        /// Where it was looked for.
        library: PathBuf,
        /// What the dynamic linker said.
        detail: String,
    },
    /// The file is a library, but another one.
    #[error(
        "{library} is not FoundationDB's client library, or one before 7.3: it has no function {missing}; \
         name another file in the setting fdb_library"
    )]
    NotTheLibrary {
        /// The file.
        library: PathBuf,
        /// What it lacks.
        missing: &'static str,
    },
    /// The client library is too old.
    #[error(
        "FoundationDB's client library {library} knows API versions up to {newest}, but {needed} is needed: \
         install the package foundationdb-clients 7.3 or newer"
    )]
    OldLibrary {
        /// The file.
        library: PathBuf,
        /// The newest API that it knows.
        newest: i32,
        /// The API that is needed.
        needed: i32,
    },
    /// There is no cluster file.
    #[error(
        "there is no cluster file {cluster_file} ({source}): name the one of your cluster, mostly /etc/foundationdb/fdb.cluster"
    )]
    NoClusterFile {
        /// The file.
        cluster_file: PathBuf,
        /// How it could not be read.
        source: std::io::Error,
    },
    /// The file is something else.
    #[error(
        "{cluster_file} is not a cluster file: it must hold one line DESCRIPTION:ID@HOST:PORT, with more HOST:PORT after commas; \
         copy the file of your cluster, mostly /etc/foundationdb/fdb.cluster on its hosts"
    )]
    NotAClusterFile {
        /// The file.
        cluster_file: PathBuf,
    },
    /// Nobody answers.
    #[error(
        "no FoundationDB cluster answered within {} ms behind {cluster_file} (coordinators {coordinators}): check that fdbserver runs \
         there, that it can be reached from here and that it is of version 7.3, with: fdbcli -C {cluster_file} --exec status",
        waited.as_millis()
    )]
    NoCluster {
        /// The file.
        cluster_file: PathBuf,
        /// What it says.
        coordinators: String,
        /// How long an answer was waited for.
        waited: Duration,
    },
    /// The library refused, mostly what the cluster file says.
    #[error("FoundationDB can't be used with the cluster file {cluster_file}: {source}")]
    Refused {
        /// The file.
        cluster_file: PathBuf,
        /// Its reason.
        source: StoreError,
    },
    /// The process used the library before.
    #[error(
        "FoundationDB's network was started before in this process: one store at a time, and no second one after it"
    )]
    StartedBefore,
    /// A setting is out of its bounds.
    #[error("the setting {name} of the store is {value}: use {bounds}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// What it was.
        value: u64,
        /// What it may be.
        bounds: &'static str,
    },
}
