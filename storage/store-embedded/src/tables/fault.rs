//! What goes wrong with the tables.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use lsm_tree::Error;

/// Why rows cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TablesFault {
    /// The operating system said no.
    #[error("the tables in {path}: {source}")]
    Io {
        /// The directory.
        path: PathBuf,
        /// The answer.
        source: io::Error,
    },
    /// The bytes are not what was written.
    #[error("the tables in {path} are damaged: {what}")]
    Damaged {
        /// The directory.
        path: PathBuf,
        /// What was found.
        what: String,
    },
}

/// Runs `work` of the library, whose panics are errors here: it asserts what a damaged file can break.
pub(super) fn guarded<T>(
    path: &Path,
    work: impl FnOnce() -> lsm_tree::Result<T>,
) -> Result<T, TablesFault> {
    let damaged = |what| TablesFault::Damaged {
        path: path.to_path_buf(),
        what,
    };
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(Error::Io(error))) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(damaged(format!("a file is too short: {error}")))
        }
        Ok(Err(Error::Io(error))) if error.kind() == io::ErrorKind::NotFound => {
            Err(damaged(format!("a file is missing: {error}")))
        }
        Ok(Err(Error::Io(source))) => Err(TablesFault::Io {
            path: path.to_path_buf(),
            source,
        }),
        Ok(Err(error)) => Err(damaged(format!("{error:?}"))),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            Err(damaged(format!("an assertion failed: {text}")))
        }
    }
}
