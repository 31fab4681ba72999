//! Versions: which one a reader gets, which one a group gets, and what a reader of the past may see.
//!
//! Versions follow the clock, about 1,000,000 a second, also while nothing is committed, and go on above
//! the last commit (and above the wall clock) when the store is opened again. A reader who asks while a
//! group is on its way gets a version just below that group's: it holds all that was acknowledged.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use store::Version;
use store::limits::{VERSIONS_PER_SECOND, WINDOW_VERSIONS};

/// How far versions jump over the last commit when a store is opened: what was handed out and not
/// committed before lies below.
const OPENING_VERSIONS: Version = 10 * VERSIONS_PER_SECOND;

/// What a reader sees: groups with numbers below `before`, as of `version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReadPoint {
    pub(crate) version: Version,
    pub(crate) before: u64,
}

/// Why a version cannot be read at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    TooOld,
    Future,
}

/// The store's clock and the recent past.
#[derive(Debug)]
pub(crate) struct Timeline {
    base: Version,
    origin: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    newest: Version,
    in_flight: Option<Version>,
    /// Commit versions with what a reader at them sees, oldest first; never empty.
    past: VecDeque<ReadPoint>,
}

impl Timeline {
    /// For a store whose last group has the number `seqno` and was committed at `version`.
    pub(crate) fn new(version: Version, seqno: u64) -> Self {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let wall = Version::try_from(since_1970.as_micros()).unwrap_or(0);
        Self::starting_at(wall.max(version.saturating_add(OPENING_VERSIONS)), seqno)
    }

    fn starting_at(base: Version, seqno: u64) -> Self {
        let past = VecDeque::from([ReadPoint {
            version: base,
            before: seqno + 1,
        }]);
        let state = State {
            newest: base,
            in_flight: None,
            past,
        };
        Self {
            base,
            origin: Instant::now(),
            state: Mutex::new(state),
        }
    }

    /// The version that everything after the opening lies above.
    pub(crate) fn base(&self) -> Version {
        self.base
    }

    /// The newest state: all that was acknowledged, and nothing that was not.
    pub(crate) fn read_point(&self) -> ReadPoint {
        let now = self.now();
        let mut state = self.lock();
        ReadPoint {
            version: state.readable(now),
            before: state.last().before,
        }
    }

    /// The state at `version`.
    pub(crate) fn read_point_at(&self, version: Version) -> Result<ReadPoint, Unreadable> {
        let now = self.now();
        let mut state = self.lock();
        if version > state.readable(now) {
            return Err(Unreadable::Future);
        }
        let newer = state.past.partition_point(|point| point.version <= version);
        let Some(point) = newer
            .checked_sub(1)
            .map(|at| state.past[at])
            .filter(|_| !is_too_old(version, now))
        else {
            return Err(Unreadable::TooOld);
        };
        Ok(ReadPoint {
            version,
            before: point.before,
        })
    }

    /// Whether the window has passed `version`.
    pub(crate) fn is_too_old(&self, version: Version) -> bool {
        is_too_old(version, self.now())
    }

    /// A version for the next group. Until [`Timeline::end_group`] readers stay below it.
    pub(crate) fn begin_group(&self) -> Version {
        let now = self.now();
        let mut state = self.lock();
        state.newest = now.max(state.newest + 1);
        let version = state.newest;
        state.in_flight = Some(version);
        version
    }

    /// The group begun last is visible now, if it wrote (its number is `seqno` then); or came to nothing.
    pub(crate) fn end_group(&self, seqno: Option<u64>) {
        let oldest = self.now().saturating_sub(WINDOW_VERSIONS);
        let mut state = self.lock();
        let version = state
            .in_flight
            .take()
            .expect("a group ends once, after it began");
        if let Some(seqno) = seqno {
            state.past.push_back(ReadPoint {
                version,
                before: seqno + 1,
            });
        }
        while state.past.get(1).is_some_and(|next| next.version <= oldest) {
            state.past.pop_front();
        }
    }

    /// Moves idle readers past what upkeep did to the tables: groups below `before` are all visible. Does
    /// nothing while a group is on its way.
    pub(crate) fn settle(&self, before: impl FnOnce() -> u64) {
        let now = self.now();
        let mut state = self.lock();
        if state.in_flight.is_none() {
            let version = state.readable(now);
            let before = before();
            if before > state.last().before {
                state.past.push_back(ReadPoint { version, before });
            }
        }
    }

    /// The lowest [`ReadPoint::before`] of readers who began at most `window` versions ago.
    pub(crate) fn floor(&self, window: Version) -> u64 {
        let oldest = self.now().saturating_sub(window);
        let state = self.lock();
        let newer = state.past.partition_point(|point| point.version <= oldest);
        state.past[newer.saturating_sub(1)].before
    }

    fn now(&self) -> Version {
        let elapsed_us =
            Version::try_from(self.origin.elapsed().as_micros()).unwrap_or(Version::MAX);
        self.base.saturating_add(elapsed_us)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn readable(&mut self, now: Version) -> Version {
        match self.in_flight {
            Some(version) => version - 1,
            None => {
                self.newest = self.newest.max(now);
                self.newest
            }
        }
    }

    fn last(&self) -> ReadPoint {
        *self.past.back().expect("the past is never empty")
    }
}

fn is_too_old(version: Version, now: Version) -> bool {
    version < now.saturating_sub(WINDOW_VERSIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_stay_below_a_group_on_its_way() {
        let timeline = Timeline::starting_at(1_000, 7);
        let before = timeline.read_point();
        let version = timeline.begin_group();
        let during = timeline.read_point();
        assert_eq!(
            (before.before, during),
            (
                8,
                ReadPoint {
                    version: version - 1,
                    before: 8
                }
            )
        );
        assert_eq!(timeline.read_point_at(version), Err(Unreadable::Future));
        timeline.end_group(Some(9));
        assert_eq!(
            timeline.read_point_at(version),
            Ok(ReadPoint {
                version,
                before: 10
            })
        );
        assert_eq!(
            timeline.read_point_at(version - 1),
            Ok(ReadPoint {
                version: version - 1,
                before: 8
            })
        );
        assert!(timeline.read_point().version >= version && before.version < version);
    }

    #[test]
    fn groups_that_wrote_nothing_leave_no_trace() {
        let timeline = Timeline::starting_at(1_000, 7);
        let first = timeline.begin_group();
        timeline.end_group(None);
        assert!(timeline.begin_group() > first);
        assert_eq!(timeline.read_point().before, 8);
    }

    #[test]
    fn settling_moves_readers_but_not_past_a_group_on_its_way() {
        let timeline = Timeline::starting_at(1_000, 7);
        timeline.settle(|| 20);
        assert_eq!(timeline.read_point().before, 20);
        timeline.begin_group();
        timeline.settle(|| unreachable!("a group is on its way"));
        timeline.end_group(Some(25));
        assert_eq!(timeline.read_point().before, 26);
    }

    #[test]
    fn versions_go_on_above_the_last_commit_and_the_wall_clock() {
        assert_eq!(
            Timeline::new(Version::MAX / 2, 1).base(),
            Version::MAX / 2 + OPENING_VERSIONS
        );
        assert!(Timeline::new(0, 0).base() > 1_700_000_000 * VERSIONS_PER_SECOND);
    }

    #[test]
    fn what_the_window_has_passed_is_too_old() {
        let timeline = Timeline::starting_at(10 * WINDOW_VERSIONS, 7);
        assert!(timeline.is_too_old(9 * WINDOW_VERSIONS - 1));
        assert!(!timeline.is_too_old(10 * WINDOW_VERSIONS));
        assert_eq!(
            timeline.read_point_at(8 * WINDOW_VERSIONS),
            Err(Unreadable::TooOld)
        );
        assert_eq!(timeline.floor(WINDOW_VERSIONS), 8);
    }
}
