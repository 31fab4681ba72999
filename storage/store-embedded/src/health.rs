//! Whether the store still takes commits, and why not.

use std::io;
use std::sync::OnceLock;

use store::{StoreError, code};

use crate::log::LogFault;
use crate::tables::TablesFault;

/// FoundationDB's number for damaged files.
const FILE_CORRUPT: i32 = 1522;

/// The first fault after which nothing can be committed. Set once: after a failed sync nobody knows what
/// is durable, and trying again may only look like success; opening the store again finds out.
#[derive(Debug, Default)]
pub(crate) struct Health {
    fault: OnceLock<StoreError>,
}

impl Health {
    /// Why the store takes no commits, if so.
    pub(crate) fn fault(&self) -> Option<&StoreError> {
        self.fault.get()
    }

    /// Stops all commits from now on, because of `error` while `doing`. What they are told.
    pub(crate) fn fail(&self, doing: &str, error: &StoreError) -> StoreError {
        let why = error.context().unwrap_or_else(|| error.name());
        let context = format!("the store is read-only since {doing} failed: {why}");
        let fault = StoreError::with_context(error.code(), context);
        if self.fault.set(fault.clone()).is_ok() {
            tracing::error!(%fault, "the store stops taking commits");
        }
        self.fault.get().cloned().unwrap_or(fault)
    }
}

impl From<LogFault> for Fault {
    fn from(fault: LogFault) -> Self {
        match &fault {
            LogFault::Io { source, .. } => Self(io_error(source, fault.to_string())),
            LogFault::Damaged { .. } => Self(damaged(fault.to_string())),
        }
    }
}

impl From<TablesFault> for Fault {
    fn from(fault: TablesFault) -> Self {
        match &fault {
            TablesFault::Io { source, .. } => Self(io_error(source, fault.to_string())),
            TablesFault::Damaged { .. } => Self(damaged(fault.to_string())),
        }
    }
}

/// A fault of the disk, as a transaction hears of it.
#[derive(Debug)]
pub(crate) struct Fault(pub(crate) StoreError);

fn io_error(error: &io::Error, what: String) -> StoreError {
    let full = matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    );
    let what = if full {
        format!("the disk is full: {what}")
    } else {
        what
    };
    StoreError::with_context(code::IO_ERROR, what)
}

fn damaged(what: String) -> StoreError {
    StoreError::with_context(FILE_CORRUPT, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_fault_stays() {
        let health = Health::default();
        let source = io::Error::from(io::ErrorKind::StorageFull);
        let Fault(first) = TablesFault::Io {
            path: "dir".into(),
            source,
        }
        .into();
        let told = health.fail("writing a table", &first);
        assert_eq!(told.code(), code::IO_ERROR);
        assert!(!told.is_retryable());
        let context = told.context().unwrap().to_owned();
        assert!(context.starts_with(
            "the store is read-only since writing a table failed: the disk is full: "
        ));
        let second = health.fail("merging", &StoreError::new(code::IO_ERROR));
        assert_eq!(
            (second.context(), health.fault()),
            (Some(context.as_str()), Some(&told))
        );
    }
}
