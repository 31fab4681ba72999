//! The rare paths of this store, by name, so that a simulation can tell which ones it never took.

/// A table of probes: the variant and its name.
macro_rules! probes {
    ($($variant:ident = $name:literal,)*) => {
        /// One rare path.
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum Probe {
            $($variant,)*
        }

        /// The names that [`store::Environment::probe`] is told by this store.
        pub const PROBES: &[&str] = &[$($name,)*];
    };
}

probes! {
    Conflict = "store_conflict",
    SpuriousConflict = "store_spurious_conflict",
    Refused = "store_refused",
    TooOld = "store_too_old",
    FutureVersion = "store_future_version",
    ProcessBehind = "store_process_behind",
    ReadFailed = "store_read_failed",
    UnknownDone = "store_unknown_done",
    UnknownRefused = "store_unknown_refused",
    UnknownNotDone = "store_unknown_not_done",
    LeftInFlight = "store_left_in_flight",
    ZombieLanded = "store_zombie_landed",
    ZombieRefused = "store_zombie_refused",
    SharedCommitVersion = "store_shared_commit_version",
    Recovery = "store_recovery",
    RecoveryKilledCommit = "store_recovery_killed_commit",
    RecoveryAppliedCommit = "store_recovery_applied_commit",
    Unavailable = "store_unavailable",
    CutOffWaited = "store_cut_off_waited",
    CutOffUnknown = "store_cut_off_unknown",
    CutOffTimeout = "store_cut_off_timeout",
    ShortPage = "store_short_page",
    MoreWithNothingLeft = "store_more_with_nothing_left",
    WatchSpurious = "store_watch_spurious",
    WatchLate = "store_watch_late",
    WatchFailed = "store_watch_failed",
    LieTold = "store_lie_told",
}

/// The one that only a store can hit that was told to lie.
pub const LIE_PROBE: &str = PROBES[Probe::LieTold as usize];

impl Probe {
    pub(crate) fn name(self) -> &'static str {
        PROBES[self as usize]
    }
}

/// Probes taken while no environment was at hand.
#[derive(Debug, Default)]
pub(crate) struct Hits(Vec<Probe>);

/// Past so many, hits are forgotten: a database that nobody listens to must not grow.
const HITS_MAX: usize = 1_024;

impl Hits {
    pub(crate) fn add(&mut self, probe: Probe) {
        if self.0.len() < HITS_MAX {
            self.0.push(probe);
        }
    }

    /// Hands out what there is. Free while there is nothing.
    pub(crate) fn take(&mut self) -> Vec<Probe> {
        std::mem::take(&mut self.0)
    }
}
