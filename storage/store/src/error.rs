//! Errors by FoundationDB's numbers, with FoundationDB's predicates.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::KeyRange;

/// What a store answers instead of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError {
    code: i32,
    context: Option<Cow<'static, str>>,
    conflicts: Option<Arc<[KeyRange]>>,
}

/// FoundationDB's error numbers that this crate names.
pub mod code {
    /// Nothing FoundationDB has a better number for; also an I/O fault of an embedded store.
    pub const OPERATION_FAILED: i32 = 1000;
    /// The read version is older than the window.
    pub const TRANSACTION_TOO_OLD: i32 = 1007;
    /// The read version is ahead of what the store has, and stayed so.
    pub const FUTURE_VERSION: i32 = 1009;
    /// A read range met a write that was committed after the read version.
    pub const NOT_COMMITTED: i32 = 1020;
    /// The commit may or may not have happened; it is no longer in flight.
    pub const COMMIT_UNKNOWN_RESULT: i32 = 1021;
    /// The transaction was cancelled; its commit may still happen later.
    pub const TRANSACTION_CANCELLED: i32 = 1025;
    /// The timeout passed; the commit may still happen later.
    pub const TRANSACTION_TIMED_OUT: i32 = 1031;
    /// Too many watches on this database.
    pub const TOO_MANY_WATCHES: i32 = 1032;
    /// Watches need read-your-writes.
    pub const WATCHES_DISABLED: i32 = 1034;
    /// The key's value depends on a versionstamp that is not known before the commit.
    pub const ACCESSED_UNREADABLE: i32 = 1036;
    /// The server lags behind the read version.
    pub const PROCESS_BEHIND: i32 = 1037;
    /// The database is locked by an administrator.
    pub const DATABASE_LOCKED: i32 = 1038;
    /// The cluster changed under the client; the commit may still happen later.
    pub const CLUSTER_VERSION_CHANGED: i32 = 1039;
    /// The proxies have too much to commit.
    pub const COMMIT_PROXY_MEMORY_LIMIT_EXCEEDED: i32 = 1042;
    /// Too many read versions are asked for.
    pub const BATCH_TRANSACTION_THROTTLED: i32 = 1051;
    /// Too many read versions are asked for by the proxies' measure.
    pub const GRV_PROXY_MEMORY_LIMIT_EXCEEDED: i32 = 1078;
    /// The operation was cancelled.
    pub const OPERATION_CANCELLED: i32 = 1101;
    /// Too many transactions with this tag.
    pub const TAG_THROTTLED: i32 = 1213;
    /// Too many transactions on these keys.
    pub const TRANSACTION_THROTTLED_HOT_SHARD: i32 = 1235;
    /// The transaction would meet a hot range and was rejected.
    pub const TRANSACTION_REJECTED_RANGE_LOCKED: i32 = 1242;
    /// An I/O operation failed.
    pub const IO_ERROR: i32 = 1510;
    /// The API was used in a way that it does not allow.
    pub const CLIENT_INVALID_OPERATION: i32 = 2000;
    /// The key lies outside what a transaction may touch.
    pub const KEY_OUTSIDE_LEGAL_RANGE: i32 = 2004;
    /// The range ends before it begins.
    pub const INVERTED_RANGE: i32 = 2005;
    /// The option's value is outside its bounds.
    pub const INVALID_OPTION_VALUE: i32 = 2006;
    /// The read version was set after it was known.
    pub const READ_VERSION_ALREADY_SET: i32 = 2010;
    /// The transaction was used while its commit ran.
    pub const USED_DURING_COMMIT: i32 = 2017;
    /// A read-only commit has no version.
    pub const NO_COMMIT_VERSION: i32 = 2021;
    /// The transaction has too many bytes.
    pub const TRANSACTION_TOO_LARGE: i32 = 2101;
    /// A key has too many bytes.
    pub const KEY_TOO_LARGE: i32 = 2102;
    /// A value has too many bytes.
    pub const VALUE_TOO_LARGE: i32 = 2103;
}

/// Number, FoundationDB's name, what to do.
const KNOWN: &[(i32, &str, &str)] = &[
    (
        code::OPERATION_FAILED,
        "operation_failed",
        "see the context; look at the store's log",
    ),
    (
        code::TRANSACTION_TOO_OLD,
        "transaction_too_old",
        "retry; if it stays, read and commit within 5 s",
    ),
    (
        code::FUTURE_VERSION,
        "future_version",
        "retry; if it stays, the store lags",
    ),
    (
        code::NOT_COMMITTED,
        "not_committed",
        "retry: another transaction wrote what this one read",
    ),
    (
        code::COMMIT_UNKNOWN_RESULT,
        "commit_unknown_result",
        "read back whether it happened, then retry",
    ),
    (
        code::TRANSACTION_CANCELLED,
        "transaction_cancelled",
        "begin a new transaction; a commit may still happen",
    ),
    (
        code::TRANSACTION_TIMED_OUT,
        "transaction_timed_out",
        "begin a new transaction; a commit may still happen",
    ),
    (
        code::TOO_MANY_WATCHES,
        "too_many_watches",
        "drop watches, or poll",
    ),
    (
        code::WATCHES_DISABLED,
        "watches_disabled",
        "watch in a transaction that reads its own writes",
    ),
    (
        code::ACCESSED_UNREADABLE,
        "accessed_unreadable",
        "read versionstamped keys after the commit",
    ),
    (
        code::PROCESS_BEHIND,
        "process_behind",
        "retry; if it stays, the store lags",
    ),
    (
        code::DATABASE_LOCKED,
        "database_locked",
        "retry, or ask the administrator to unlock",
    ),
    (
        code::CLUSTER_VERSION_CHANGED,
        "cluster_version_changed",
        "read back whether it happened, then retry",
    ),
    (
        code::COMMIT_PROXY_MEMORY_LIMIT_EXCEEDED,
        "commit_proxy_memory_limit_exceeded",
        "retry with back-off",
    ),
    (
        code::BATCH_TRANSACTION_THROTTLED,
        "batch_transaction_throttled",
        "retry with back-off",
    ),
    (
        code::GRV_PROXY_MEMORY_LIMIT_EXCEEDED,
        "grv_proxy_memory_limit_exceeded",
        "retry with back-off",
    ),
    (
        code::OPERATION_CANCELLED,
        "operation_cancelled",
        "begin a new transaction; a commit may still happen",
    ),
    (code::TAG_THROTTLED, "tag_throttled", "retry with back-off"),
    (
        code::TRANSACTION_THROTTLED_HOT_SHARD,
        "transaction_throttled_hot_shard",
        "retry with back-off",
    ),
    (
        code::TRANSACTION_REJECTED_RANGE_LOCKED,
        "transaction_rejected_range_locked",
        "retry with back-off",
    ),
    (
        code::IO_ERROR,
        "io_error",
        "see the context; free disk space or replace the disk, then restart",
    ),
    (
        code::CLIENT_INVALID_OPERATION,
        "client_invalid_operation",
        "fix the caller; see the context",
    ),
    (
        code::KEY_OUTSIDE_LEGAL_RANGE,
        "key_outside_legal_range",
        "use keys below \\xff",
    ),
    (
        code::INVERTED_RANGE,
        "inverted_range",
        "put the smaller key first",
    ),
    (
        code::INVALID_OPTION_VALUE,
        "invalid_option_value",
        "use a value within the option's bounds",
    ),
    (
        code::READ_VERSION_ALREADY_SET,
        "read_version_already_set",
        "set the read version before the first read",
    ),
    (
        code::USED_DURING_COMMIT,
        "used_during_commit",
        "wait for the commit, then reset or begin anew",
    ),
    (
        code::NO_COMMIT_VERSION,
        "no_commit_version",
        "ask only transactions that wrote for their version",
    ),
    (
        code::TRANSACTION_TOO_LARGE,
        "transaction_too_large",
        "split the transaction",
    ),
    (
        code::KEY_TOO_LARGE,
        "key_too_large",
        "keep keys within 10,000 bytes",
    ),
    (
        code::VALUE_TOO_LARGE,
        "value_too_large",
        "split values into chunks within 100,000 bytes",
    ),
];

impl StoreError {
    /// The error with FoundationDB's number `code`.
    pub const fn new(code: i32) -> Self {
        Self {
            code,
            context: None,
            conflicts: None,
        }
    }

    /// The error `code`, with what was wrong and where.
    pub fn with_context(code: i32, context: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            context: Some(context.into()),
            conflicts: None,
        }
    }

    /// 1020, with the read conflict ranges that met a write.
    pub fn conflicting_on(ranges: Vec<KeyRange>) -> Self {
        Self {
            conflicts: Some(ranges.into()),
            ..Self::new(code::NOT_COMMITTED)
        }
    }

    /// The read conflict ranges that met a write, if the commit asked for them.
    pub fn conflicts(&self) -> &[KeyRange] {
        self.conflicts.as_deref().unwrap_or_default()
    }

    /// FoundationDB's number.
    pub const fn code(&self) -> i32 {
        self.code
    }

    /// FoundationDB's name of the number.
    pub fn name(&self) -> &'static str {
        self.known().map_or("unknown_error", |(_, name, _)| name)
    }

    /// Whether this crate knows the number, its name and what to do.
    pub fn is_named(&self) -> bool {
        self.known().is_some()
    }

    /// What was wrong and where, if more is known than the number.
    pub fn context(&self) -> Option<&str> {
        self.context.as_deref()
    }

    /// Whether the commit may have happened: 1021, 1039.
    pub const fn is_maybe_committed(&self) -> bool {
        matches!(
            self.code,
            code::COMMIT_UNKNOWN_RESULT | code::CLUSTER_VERSION_CHANGED
        )
    }

    /// Whether a retry may help and this try surely did not commit.
    pub const fn is_retryable_not_committed(&self) -> bool {
        matches!(
            self.code,
            code::NOT_COMMITTED
                | code::TRANSACTION_TOO_OLD
                | code::FUTURE_VERSION
                | code::PROCESS_BEHIND
                | code::DATABASE_LOCKED
                | code::COMMIT_PROXY_MEMORY_LIMIT_EXCEEDED
                | code::BATCH_TRANSACTION_THROTTLED
                | code::GRV_PROXY_MEMORY_LIMIT_EXCEEDED
                | code::TAG_THROTTLED
                | code::TRANSACTION_THROTTLED_HOT_SHARD
                | code::TRANSACTION_REJECTED_RANGE_LOCKED
        )
    }

    /// Whether `on_error` would retry: maybe committed, or retryable and surely not.
    pub const fn is_retryable(&self) -> bool {
        self.is_maybe_committed() || self.is_retryable_not_committed()
    }

    fn known(&self) -> Option<&'static (i32, &'static str, &'static str)> {
        KNOWN.iter().find(|(code, _, _)| *code == self.code)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "store error {} {}", self.code, self.name())?;
        if let Some(context) = &self.context {
            write!(f, " ({context})")?;
        }
        match self.known() {
            Some((_, _, remedy)) => write!(f, ": {remedy}"),
            None => write!(f, ": look the number up in FoundationDB's list of errors"),
        }
    }
}

impl std::error::Error for StoreError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predicates_are_foundationdbs() {
        let retryable: Vec<i32> = (0..3000)
            .filter(|&code| StoreError::new(code).is_retryable())
            .collect();
        assert_eq!(
            retryable,
            [
                1007, 1009, 1020, 1021, 1037, 1038, 1039, 1042, 1051, 1078, 1213, 1235, 1242
            ]
        );
        let maybe: Vec<i32> = (0..3000)
            .filter(|&code| StoreError::new(code).is_maybe_committed())
            .collect();
        assert_eq!(maybe, [1021, 1039]);
        assert!(
            (0..3000)
                .map(StoreError::new)
                .all(|e| !(e.is_maybe_committed() && e.is_retryable_not_committed()))
        );
    }

    #[test]
    fn an_error_says_what_where_and_what_to_do() {
        assert_eq!(
            StoreError::with_context(code::KEY_TOO_LARGE, "key of 10,001 bytes").to_string(),
            "store error 2102 key_too_large (key of 10,001 bytes): keep keys within 10,000 bytes"
        );
        assert!(
            StoreError::new(9)
                .to_string()
                .starts_with("store error 9 unknown_error: look")
        );
    }
}
