//! What may be set of a store on FoundationDB.

use std::path::PathBuf;
use std::time::Duration;

use store::limits::{BACKOFF_MS_MAX, SIZE_LIMIT_BYTES_MIN, TRANSACTION_BYTES_MAX};

use crate::OpenError;

/// Settings of a store; the limits hold for every transaction that sets none of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FdbSettings {
    /// The client library: a path, or a name that the system finds.
    pub library: PathBuf,
    /// How long the cluster may take to answer when the store is opened.
    pub connect_timeout: Duration,
    /// How long a transaction may take, over all its tries, before it fails with 1031; zero: for ever.
    pub timeout: Duration,
    /// How often `on_error` tries again before it hands the error back; none: always.
    pub retry_limit: Option<u32>,
    /// The longest back-off of `on_error`.
    pub max_retry_delay: Duration,
    /// Bytes of one transaction (2101).
    pub size_limit_bytes: usize,
}

impl Default for FdbSettings {
    fn default() -> Self {
        Self {
            library: "libfdb_c.so".into(),
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(5),
            retry_limit: None,
            max_retry_delay: Duration::from_millis(BACKOFF_MS_MAX),
            size_limit_bytes: TRANSACTION_BYTES_MAX,
        }
    }
}

impl FdbSettings {
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        if (SIZE_LIMIT_BYTES_MIN..=TRANSACTION_BYTES_MAX).contains(&self.size_limit_bytes) {
            return Ok(());
        }
        Err(OpenError::Setting {
            name: "size_limit_bytes",
            value: self.size_limit_bytes as u64,
            bounds: "32 to 10,000,000 bytes",
        })
    }
}
