//! Why a store does not open.

use std::io;
use std::path::PathBuf;

use crate::log::LogFault;

/// What is wrong with the directory, which it is, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the store open, or this one has it open already.
    #[error(
        "the store in {path} is in use by another process: stop that process, or name another directory"
    )]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// The directory holds something else.
    #[error(
        "{path} is not a store and not empty (it holds {found}): name an empty or absent directory, or that of a store"
    )]
    NotAStore {
        /// The directory.
        path: PathBuf,
        /// One of the things in it.
        found: String,
    },
    /// A newer program wrote the store.
    #[error(
        "the store in {path} has format {found}, but this program knows formats up to {known}: use the program that wrote it, or a newer one"
    )]
    NewerFormat {
        /// The directory.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest known format.
        known: u32,
    },
    /// Bytes of the store are not what was written.
    #[error("{path} is damaged: {what}; check the disk, then restore the store from a copy")]
    Damaged {
        /// The file or directory.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// The operating system said no.
    #[error(
        "cannot open the store in {path}: {source}; check that the directory is readable and writable, and that its disk has room"
    )]
    Io {
        /// The directory or file.
        path: PathBuf,
        /// The answer.
        source: io::Error,
    },
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

impl From<LogFault> for OpenError {
    fn from(fault: LogFault) -> Self {
        match fault {
            LogFault::Io { path, source, .. } => Self::Io { path, source },
            LogFault::Damaged { path, offset, what } => Self::Damaged {
                path,
                what: format!("at byte {offset}, {what}"),
            },
        }
    }
}
