//! Why a command ends without success, and with which exit code.

use std::path::PathBuf;

use crate::runtime::{StartError, StoreFailed};
use crate::settings::SettingsError;

/// Exit code of wrong arguments or settings; clap uses the same.
pub(super) const EXIT_USAGE: u8 = 2;
const EXIT_FAULTS: u8 = 1;
const EXIT_CANNOT_START: u8 = 3;

/// Why a command ends without success.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// An argument.
    #[error("{0}")]
    Usage(String),
    /// The engine can't start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The store failed while it was in use.
    #[error(transparent)]
    StoreFailed(#[from] StoreFailed),
    /// The store can't be opened.
    #[error("{0}")]
    Store(String),
    /// No store is where one should be.
    #[error("there is no store in {0}: name the directory that `serve --store` was given")]
    NoStore(PathBuf),
    /// The system failed.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// How it failed.
        source: std::io::Error,
    },
    /// The command ran and something is wrong; it was said already.
    #[error("{0}")]
    Faults(String),
}

impl CliError {
    pub(super) fn io(what: impl Into<String>, source: std::io::Error) -> Self {
        Self::Io {
            what: what.into(),
            source,
        }
    }

    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Settings(_)
            | Self::Usage(_)
            | Self::Start(StartError::Keys(_) | StartError::Cores(_) | StartError::Tls(_)) => {
                EXIT_USAGE
            }
            Self::Start(_) | Self::Store(_) | Self::NoStore(_) => EXIT_CANNOT_START,
            Self::Io { .. } | Self::StoreFailed(_) | Self::Faults(_) => EXIT_FAULTS,
        }
    }
}
