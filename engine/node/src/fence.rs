//! What one committed batch proves to the next: up to its version nobody had taken the lease.
//!
//! ```text
//!   reads the lease, commits at V ──▶ fence V - 1 ──▶ reads nothing, commits at W ──▶ fence W - 1 ──▶ …
//!                                        conflicts count from here: whoever took the lease since is met
//! ```
//!
//! So a batch costs one round trip, and the check of the lease none. Not V itself: commits that share a version are
//! ordered within it, and a taker right behind the batch in the same version would go unnoticed.
//!
//! A store that has too much to do makes those wait who ask for a read version. So that a busy shard does not pass that by
//! for ever, it asks for one from time to time, and reads the lease with it.

use std::time::Duration;

use store::limits::WINDOW_SECONDS;
use store::{Committed, Version};

/// Past this age a fence is not relied on: its version may leave the store's window before the commit gets there.
const FENCE_AGE_MAX: Duration = Duration::from_secs(2);

/// So long after the lease was last read it is read again.
const LEASE_READ_EVERY: Duration = Duration::from_secs(10);

const _: () = assert!(
    FENCE_AGE_MAX.as_secs() * 2 < WINDOW_SECONDS as u64,
    "a commit behind a fence has as long again to reach the store before it is too old"
);

/// Proof that a shard's lease was held up to and including a version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fence {
    version: Version,
    /// No later than the version was given out.
    asked_at: Duration,
    /// When the lease was last read.
    lease_read_at: Duration,
}

impl Fence {
    /// What a commit proves that had the lease among its conflict ranges, was asked for at `asked_at`, and stood behind
    /// `before` or read the lease itself. One that wrote nothing took no place in the history and proves nothing.
    pub(crate) fn proven_by(
        committed: &Committed,
        asked_at: Duration,
        before: Option<Self>,
    ) -> Option<Self> {
        let version = committed.version - 1;
        let lease_read_at = before.map_or(asked_at, |fence| fence.lease_read_at);
        (version > 0).then_some(Self {
            version,
            asked_at,
            lease_read_at,
        })
    }

    /// From which version on the next commit's conflicts count.
    pub(crate) fn read_version(&self) -> Version {
        self.version
    }

    /// Whether the next commit may stand behind it.
    pub(crate) fn holds(&self, now: Duration) -> bool {
        now.saturating_sub(self.asked_at) <= FENCE_AGE_MAX
            && now.saturating_sub(self.lease_read_at) <= LEASE_READ_EVERY
    }
}

#[cfg(test)]
mod tests {
    use store::Versionstamp;

    use super::*;

    const ASKED_AT: Duration = Duration::from_secs(100);

    fn check(committed: Committed, now: Duration, expected: Option<Version>) {
        let fence = Fence::proven_by(&committed, ASKED_AT, None).filter(|fence| fence.holds(now));
        assert_eq!(fence.map(|fence| fence.read_version()), expected);
    }

    fn committed(version: Version) -> Committed {
        Committed::at(Versionstamp::new(version, 3))
    }

    #[test]
    fn conflicts_count_from_before_the_commit() {
        check(committed(7_000_000), ASKED_AT, Some(6_999_999));
    }

    #[test]
    fn a_fence_is_soon_too_old() {
        check(committed(7), ASKED_AT + FENCE_AGE_MAX, Some(6));
        let late = ASKED_AT + FENCE_AGE_MAX + Duration::from_nanos(1);
        check(committed(7), late, None);
    }

    #[test]
    fn what_wrote_nothing_proves_nothing() {
        check(Committed::READ_ONLY, ASKED_AT, None);
        check(committed(1), ASKED_AT, None);
    }

    #[test]
    fn the_lease_is_read_again_from_time_to_time() {
        let mut fence = Fence::proven_by(&committed(7), ASKED_AT, None);
        let mut now = ASKED_AT;
        let mut batches = 0;
        while let Some(held) = fence.filter(|fence| fence.holds(now)) {
            now += FENCE_AGE_MAX;
            batches += 1;
            fence = Fence::proven_by(&committed(7 + batches), now, Some(held));
        }
        assert!(now - ASKED_AT > LEASE_READ_EVERY && batches > 1, "{now:?}");
    }
}
