//! Why a command ends without success, and with which exit code.

use std::path::Path;

use crate::mutants::MutantsError;
use crate::shrink::NotFailing;

/// Exit code of wrong arguments; clap uses the same.
pub(super) const EXIT_USAGE: u8 = 2;
const EXIT_FAULTS: u8 = 1;

/// Why a command ends without success.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// An argument.
    #[error("{0}")]
    Usage(String),
    /// A plan that can't be read.
    #[error("{file}: {detail}; a plan is written by `hunt-sim shrink` or `hunt-sim replay --plan`")]
    Plan {
        /// Where it is.
        file: String,
        /// What is wrong.
        detail: String,
    },
    /// Nothing to shrink.
    #[error(transparent)]
    NotFailing(#[from] NotFailing),
    /// Mutants could not be tried.
    #[error(transparent)]
    Mutants(#[from] MutantsError),
    /// The system failed.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// How it failed.
        source: std::io::Error,
    },
    /// The command ran, and something is wrong.
    #[error("{0}")]
    Faults(String),
}

impl CliError {
    pub(super) fn writing(file: &Path, source: std::io::Error) -> Self {
        Self::Io {
            what: format!("writing {}", file.display()),
            source,
        }
    }

    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Plan { .. } => EXIT_USAGE,
            Self::NotFailing(_) | Self::Mutants(_) | Self::Io { .. } | Self::Faults(_) => {
                EXIT_FAULTS
            }
        }
    }
}
