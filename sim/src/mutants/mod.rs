//! Mutants: small bugs put into a copy of the engine on purpose, to see that the oracles catch them.
//!
//! ```text
//! sim/mutants/NN-name.patch ─▶ copy of the tree ─▶ git apply ─▶ cargo build ─▶ hunt-sim run ─▶ killed, or survived
//! ```
//!
//! The copy and its target directory are shared by all mutants, so that only what a patch touches is built again.

mod judge;
mod patch;
mod results;
mod sandbox;
mod seeds;
mod trim;

pub(crate) use judge::{Fate, Judged, Trial};
pub(crate) use patch::{Patch, patches};
pub(crate) use results::Results;
pub(crate) use sandbox::Sandbox;

/// Why mutants could not be tried at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MutantsError {
    /// A file or folder.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// How it failed.
        source: std::io::Error,
    },
    /// Somebody else tries mutants there.
    #[error("another trial of mutants runs in {folder}: wait for its end, or give another --tree")]
    Busy {
        /// Where the copy of the tree is.
        folder: String,
    },
    /// There is nothing to try.
    #[error(
        "no patch in {folder}{named}: a mutant is a file NN-name.patch (docs/simulator.md says how to write one)"
    )]
    Nothing {
        /// Where it was looked for.
        folder: String,
        /// ` is called …`, if one was asked for by name.
        named: String,
    },
    /// A patch file is not what it should be.
    #[error("{file}: {detail}")]
    Patch {
        /// Which.
        file: String,
        /// What is wrong.
        detail: String,
    },
    /// The tree without any patch.
    #[error("the tree without any patch {detail}: mend that first, or no mutant tells anything")]
    Unpatched {
        /// What it does.
        detail: String,
    },
}

impl MutantsError {
    fn io(what: impl Into<String>, source: std::io::Error) -> Self {
        Self::Io {
            what: what.into(),
            source,
        }
    }
}
