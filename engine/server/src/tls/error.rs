//! What is wrong with certificates and keys.

use std::path::PathBuf;

/// What is wrong, in which file, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file is not there, or may not be read.
    #[error("can't read {path}: {source}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not PEM.
    #[error("{path} is not PEM: {detail}")]
    NotPem {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        detail: String,
    },
    /// The file is PEM, but holds something else.
    #[error("there is no {what} in {path}: expected PEM with -----BEGIN {label}-----")]
    Missing {
        /// What was expected.
        what: &'static str,
        /// How it begins.
        label: &'static str,
        /// Which file.
        path: PathBuf,
    },
    /// Certificate and key can't be used, or not together.
    #[error("the certificate in {cert} can't be used with the key in {key}: {detail}")]
    Unusable {
        /// The certificate's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        detail: String,
    },
    /// The certificates of who signs can't be used.
    #[error("the certificates in {path} can't be trusted: {detail}")]
    Authority {
        /// Their file.
        path: PathBuf,
        /// Why.
        detail: String,
    },
}
