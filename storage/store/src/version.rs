//! Versions: the database's own clock, which orders every commit.

use std::fmt;

use crate::{StoreError, code};

/// A point in the database's history. Grows by about 1,000,000 a second; every commit batch gets its own.
pub type Version = i64;

/// The version that a read-only commit answers with: it took no place in the history.
pub const VERSION_READ_ONLY: Version = -1;

/// A commit's place in the one global order: 8 bytes of commit version (big-endian), then 2 of the
/// index within its batch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Versionstamp(pub [u8; 10]);

impl Versionstamp {
    /// Length in bytes.
    pub const LEN: usize = 10;

    /// The stamp of the `batch_index`-th commit of the batch at `version`.
    pub fn new(version: Version, batch_index: u16) -> Self {
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&version.to_be_bytes());
        bytes[8..].copy_from_slice(&batch_index.to_be_bytes());
        Self(bytes)
    }

    /// The commit version within.
    pub fn version(&self) -> Version {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.0[..8]);
        Version::from_be_bytes(bytes)
    }

    /// The index within the batch.
    pub fn batch_index(&self) -> u16 {
        u16::from_be_bytes([self.0[8], self.0[9]])
    }
}

impl fmt::Debug for Versionstamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Versionstamp({}+{})", self.version(), self.batch_index())
    }
}

/// What a successful commit answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The commit version, or [`VERSION_READ_ONLY`].
    pub version: Version,
    /// The stamp that versionstamped keys and values carry; none for a read-only commit.
    pub versionstamp: Option<Versionstamp>,
}

impl Committed {
    /// What a transaction without writes gets.
    pub const READ_ONLY: Self = Self {
        version: VERSION_READ_ONLY,
        versionstamp: None,
    };

    /// A commit that took the place `versionstamp` in the history.
    pub fn at(versionstamp: Versionstamp) -> Self {
        Self {
            version: versionstamp.version(),
            versionstamp: Some(versionstamp),
        }
    }

    /// The versionstamp, or 2021 `no_commit_version` for a read-only commit.
    pub fn stamp(&self) -> Result<Versionstamp, StoreError> {
        self.versionstamp
            .ok_or_else(|| StoreError::new(code::NO_COMMIT_VERSION))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_version_then_index_in_big_endian() {
        let stamp = Versionstamp::new(0x0102_0304_0506_0708, 0x090a);
        assert_eq!(stamp.0, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(
            (stamp.version(), stamp.batch_index()),
            (0x0102_0304_0506_0708, 0x090a)
        );
    }

    #[test]
    fn a_read_only_commit_has_no_stamp() {
        assert_eq!(
            Committed::READ_ONLY.stamp().map_err(|error| error.code()),
            Err(2021)
        );
        assert_eq!(Committed::at(Versionstamp::new(7, 1)).version, 7);
    }
}
