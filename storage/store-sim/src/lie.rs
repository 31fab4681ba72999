//! Lies that FoundationDB never tells: planted, to prove that a simulation would notice.

use std::fmt;
use std::str::FromStr;

use store::{CommitRequest, ConflictSet};

/// How an unfaithful store breaks a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lie {
    /// Commits what should conflict.
    NoConflictCheck,
    /// A read sees commits later than its version.
    ReadFromTheFuture,
    /// A read version from before the last commit.
    StaleRead,
    /// A commit is acknowledged and not applied.
    LostCommit,
    /// Only the first half of a commit's mutations is applied.
    TornCommit,
    /// A commit gets the versionstamp of the one before.
    DuplicateVersionstamp,
}

impl Lie {
    /// Every lie.
    pub const ALL: [Self; 6] = [
        Self::NoConflictCheck,
        Self::ReadFromTheFuture,
        Self::StaleRead,
        Self::LostCommit,
        Self::TornCommit,
        Self::DuplicateVersionstamp,
    ];

    /// The name that [`Lie::from_str`] takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoConflictCheck => "no-conflict-check",
            Self::ReadFromTheFuture => "read-from-the-future",
            Self::StaleRead => "stale-read",
            Self::LostCommit => "lost-commit",
            Self::TornCommit => "torn-commit",
            Self::DuplicateVersionstamp => "duplicate-versionstamp",
        }
    }

    /// Makes of `request` what is applied instead.
    pub(crate) fn distort(self, request: &mut CommitRequest) {
        match self {
            Self::NoConflictCheck => request.read_conflicts = ConflictSet::default(),
            Self::LostCommit => request.mutations.clear(),
            Self::TornCommit => request
                .mutations
                .truncate(request.mutations.len().div_ceil(2)),
            Self::ReadFromTheFuture | Self::StaleRead | Self::DuplicateVersionstamp => {}
        }
    }
}

impl fmt::Display for Lie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no [`Lie`] has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLie(String);

impl fmt::Display for UnknownLie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no lie is called {:?}; there are", self.0)?;
        Lie::ALL.iter().try_for_each(|lie| write!(f, " {lie}"))
    }
}

impl std::error::Error for UnknownLie {}

impl FromStr for Lie {
    type Err = UnknownLie;

    fn from_str(name: &str) -> Result<Self, UnknownLie> {
        let known = Self::ALL.into_iter().find(|lie| lie.name() == name);
        known.ok_or_else(|| UnknownLie(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lie_is_found_by_its_name() {
        for lie in Lie::ALL {
            assert_eq!(lie.to_string().parse(), Ok(lie));
        }
        let unknown = "truth".parse::<Lie>().expect_err("no lie");
        assert!(unknown.to_string().contains("torn-commit"), "{unknown}");
    }
}
