//! The options of one transaction.

use crate::TransactionOption;
use crate::limits::{BACKOFF_MS_MAX, KEY_SPACE_END, SIZE_LIMIT_BYTES_MIN, TRANSACTION_BYTES_MAX};

/// What `set_option` has set.
#[derive(Clone, Debug)]
pub(super) struct Options {
    /// 0: none.
    pub(super) timeout_ms: u64,
    pub(super) retry_limit: Option<u32>,
    pub(super) backoff_ms_max: u64,
    pub(super) size_bytes_max: usize,
    pub(super) read_your_writes: bool,
    /// Snapshot reads see own writes while this is positive: enables and disables count.
    pub(super) snapshot_ryw: i32,
    pub(super) next_write_no_conflict: bool,
    /// The first key that reads may not name, and the first that writes may not.
    pub(super) readable_end: &'static [u8],
    pub(super) writable_end: &'static [u8],
    /// A call during a commit fails that commit too.
    pub(super) misuse_ends: bool,
    /// `get` shows versionstamped values as they were written.
    pub(super) bypass_unreadable: bool,
    /// A commit that conflicts with nothing of its own names a key that only it knows.
    pub(super) self_conflicting: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout_ms: 0,
            retry_limit: None,
            backoff_ms_max: BACKOFF_MS_MAX,
            size_bytes_max: TRANSACTION_BYTES_MAX,
            read_your_writes: true,
            snapshot_ryw: 1,
            next_write_no_conflict: false,
            readable_end: KEY_SPACE_END,
            writable_end: KEY_SPACE_END,
            misuse_ends: true,
            bypass_unreadable: false,
            self_conflicting: false,
        }
    }
}

impl Options {
    /// Sets `option`; false if its value is out of bounds.
    pub(super) fn set(&mut self, option: TransactionOption) -> bool {
        match option {
            TransactionOption::Timeout(ms) => self.timeout_ms = ms,
            TransactionOption::RetryLimit(retries) => self.retry_limit = Some(retries),
            TransactionOption::MaxRetryDelay(ms) => self.backoff_ms_max = ms,
            TransactionOption::SizeLimit(bytes) => {
                if !(SIZE_LIMIT_BYTES_MIN..=TRANSACTION_BYTES_MAX).contains(&bytes) {
                    return false;
                }
                self.size_bytes_max = bytes;
            }
            TransactionOption::ReadYourWritesDisable => self.read_your_writes = false,
            TransactionOption::SnapshotRywEnable => self.snapshot_ryw += 1,
            TransactionOption::SnapshotRywDisable => self.snapshot_ryw -= 1,
            TransactionOption::NextWriteNoWriteConflictRange => self.next_write_no_conflict = true,
        }
        true
    }

    /// What survives a retry: the timeout, the retry limit, the longest back-off, the size limit.
    pub(super) fn persistent(&self) -> Self {
        Self {
            timeout_ms: self.timeout_ms,
            retry_limit: self.retry_limit,
            backoff_ms_max: self.backoff_ms_max,
            size_bytes_max: self.size_bytes_max,
            ..Self::default()
        }
    }
}
