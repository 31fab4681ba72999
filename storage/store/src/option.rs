//! Transaction options, by FoundationDB's names.

/// What [`crate::Transaction::set_option`] takes. Timeout, retry limit, retry delay and size limit survive
/// [`crate::Transaction::on_error`]; the others are forgotten with each try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionOption {
    /// Everything fails with 1031 once so many milliseconds have passed since the transaction began,
    /// over all its tries. 0: never.
    Timeout(u64),
    /// `on_error` hands the error back after so many retries.
    RetryLimit(u32),
    /// The longest back-off of `on_error`, in milliseconds.
    MaxRetryDelay(u64),
    /// 2101 for a transaction larger than so many bytes (32 to 10,000,000).
    SizeLimit(usize),
    /// Reads do not see own writes. Must come before the first read or write (2000).
    ReadYourWritesDisable,
    /// Snapshot reads see own writes (the default); undoes one `SnapshotRywDisable`.
    SnapshotRywEnable,
    /// Snapshot reads do not see own writes.
    SnapshotRywDisable,
    /// The next write adds no write conflict range.
    NextWriteNoWriteConflictRange,
}

impl TransactionOption {
    /// FoundationDB's number of the option.
    pub fn code(&self) -> u32 {
        match self {
            Self::NextWriteNoWriteConflictRange => 30,
            Self::ReadYourWritesDisable => 51,
            Self::Timeout(_) => 500,
            Self::RetryLimit(_) => 501,
            Self::MaxRetryDelay(_) => 502,
            Self::SizeLimit(_) => 503,
            Self::SnapshotRywEnable => 600,
            Self::SnapshotRywDisable => 601,
        }
    }
}
