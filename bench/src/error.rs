//! Why a measurement did not come about.

use std::io;

/// What stopped the harness.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The command line asks for something that does not exist.
    #[error("{0}")]
    Usage(String),
    /// A server that is to be measured is not installed.
    #[error("{program} is missing: apt-get install {package}")]
    Missing {
        /// The program.
        program: String,
        /// Debian's package that has it.
        package: &'static str,
    },
    /// A server did not start, or ended too early.
    #[error("{server} {what}; the end of its log:\n{log}")]
    Server {
        /// Which.
        server: String,
        /// What it did.
        what: String,
        /// What it said last.
        log: String,
    },
    /// A call of the system failed.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// The target said something that its protocol does not allow, or refused to begin.
    #[error("{0}")]
    Target(String),
    /// The figures can't be trusted.
    #[error("{0}")]
    Untrue(String),
    /// Ctrl-C or SIGTERM.
    #[error("interrupted")]
    Interrupted,
}

impl BenchError {
    /// Says what was tried when a call of the system failed.
    pub fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
