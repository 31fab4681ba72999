//! What is wrong with the settings.

use std::path::PathBuf;

use super::layers::Origin;

/// What is wrong, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file is not there, or may not be read.
    #[error("can't read {path}: {source}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{path} is not TOML: {detail}")]
    NotToml {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        detail: String,
    },
    /// A key that is no setting.
    #[error("{path}: unknown setting {key:?}{hint}; `hunt-engine serve --help` lists all")]
    Unknown {
        /// Which file.
        path: PathBuf,
        /// Which key.
        key: String,
        /// What may have been meant.
        hint: String,
    },
    /// A value that the setting does not take.
    #[error("{origin}: {detail}")]
    Invalid {
        /// Which setting, and where it was said.
        origin: Origin,
        /// What is wrong with it.
        detail: String,
    },
}
