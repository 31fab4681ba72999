//! How a store that is its own cluster makes versions of time.

use crate::Version;

/// Hands out versions that grow by one a microsecond, and strictly from commit to commit.
///
/// Pure: the caller brings the time. A read version counts as an empty commit, as FoundationDB's idle
/// proxies make them: every commit that follows gets a higher version, and a store that was idle for an
/// hour hands out a read version of just now.
#[derive(Clone, Debug)]
pub struct VersionClock {
    base: Version,
    origin_us: u64,
    newest: Version,
}

impl VersionClock {
    /// A clock for a store whose newest version is `newest` when its environment says `now_us`.
    pub fn new(newest: Version, now_us: u64) -> Self {
        Self {
            base: newest,
            origin_us: now_us,
            newest,
        }
    }

    /// The newest version handed out.
    pub fn newest(&self) -> Version {
        self.newest
    }

    /// A version to read at. Only to be asked while every commit version handed out is visible.
    pub fn read_version(&mut self, now_us: u64) -> Version {
        self.newest = self.newest.max(self.version_at(now_us));
        self.newest
    }

    /// A version to commit at, above all that were handed out.
    pub fn commit_version(&mut self, now_us: u64) -> Version {
        self.newest = (self.newest + 1).max(self.version_at(now_us));
        self.newest
    }

    /// Leaves out `versions`, as a recovery does.
    pub fn skip(&mut self, versions: Version) {
        self.base = self.base.saturating_add(versions);
        self.newest = self.newest.saturating_add(versions);
    }

    /// A clock that was turned back stands still.
    fn version_at(&self, now_us: u64) -> Version {
        let elapsed = now_us.saturating_sub(self.origin_us);
        self.base
            .saturating_add(Version::try_from(elapsed).unwrap_or(Version::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_follow_the_clock_and_never_repeat_a_commits() {
        let mut clock = VersionClock::new(100, 5_000);
        assert_eq!(clock.read_version(5_000), 100);
        assert_eq!(
            (clock.commit_version(5_000), clock.commit_version(5_000)),
            (101, 102)
        );
        assert_eq!(clock.read_version(5_001), 102);
        assert_eq!(clock.commit_version(1_005_000), 1_000_100);
        assert_eq!(clock.commit_version(0), 1_000_101);
        assert_eq!(
            (clock.read_version(0), clock.newest()),
            (1_000_101, 1_000_101)
        );
        clock.skip(1_000);
        assert_eq!(clock.newest(), 1_001_101);
        assert_eq!(clock.read_version(1_005_009), 1_001_109);
    }
}
