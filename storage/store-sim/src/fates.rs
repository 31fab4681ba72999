//! What goes wrong, as data: decided by the caller, once per operation.

use store::code;

use crate::Lie;

/// The number of one handle: of a core of a node, say, through all its lives. Whoever makes a handle
/// chooses it. It and the number of an operation name that operation for good.
pub type HandleId = u32;

/// Decides what becomes of each operation of a handle.
///
/// Asked once per operation, in the order in which the handle starts them. `nth` counts the operations of
/// that kind under that handle's number, from 0, over all handles that had it. So whoever answers by `(handle, nth)` can take one fault out without
/// moving any other. Each method answers "all goes well, at once" unless it is overridden.
pub trait Fates: 'static {
    /// What becomes of a commit.
    fn of_commit(&self, _handle: HandleId, _nth: u64, _now_us: u64) -> CommitFate {
        CommitFate::FINE
    }

    /// What becomes of a read of a key or of one page.
    fn of_read(&self, _handle: HandleId, _nth: u64, _now_us: u64) -> ReadFate {
        ReadFate::FINE
    }

    /// What becomes of a question for a read version.
    fn of_read_version(&self, _handle: HandleId, _nth: u64, _now_us: u64) -> ReadVersionFate {
        ReadVersionFate::FINE
    }

    /// What becomes of a watch.
    fn of_watch(&self, _handle: HandleId, _nth: u64, _now_us: u64) -> WatchFate {
        WatchFate::FINE
    }

    /// Whether the planted lie is told by this operation: a commit, a read or a question for a read
    /// version, whichever `lie` is about.
    fn tells(&self, _lie: Lie, _handle: HandleId, _nth: u64, _now_us: u64) -> bool {
        true
    }
}

/// What becomes of one commit. A duration longer than the transaction's timeout is a hang: the client
/// gets 1031, and the commit takes its course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitFate {
    /// The request travels and queues, is resolved, and the answer travels.
    Resolve {
        /// From sending to resolution.
        before_us: u64,
        /// From resolution to the answer.
        after_us: u64,
    },
    /// Never resolved, and told so: 1020 though nothing conflicts, 1007, 1042 …
    Refused {
        /// The error. One of those that say "surely not committed".
        code: i32,
        /// From sending to the answer.
        after_us: u64,
    },
    /// Resolved like any other, then told 1021.
    UnknownDone {
        /// From sending to resolution.
        before_us: u64,
        /// From resolution to the answer.
        after_us: u64,
    },
    /// Never resolved, and told 1021.
    UnknownNotDone {
        /// From sending to the answer.
        after_us: u64,
    },
    /// Told an error, and resolved whenever its time comes: mostly later, when the client has tried again.
    Late {
        /// 1031, 1025, 1101 or 1039: those that promise nothing about the commit.
        code: i32,
        /// From sending to the error.
        error_after_us: u64,
        /// From sending to resolution.
        lands_after_us: u64,
    },
}

impl CommitFate {
    /// Resolved and answered at once.
    pub const FINE: Self = Self::Resolve {
        before_us: 0,
        after_us: 0,
    };

    /// Whether FoundationDB can do this: the code is one that goes with what happens.
    pub fn is_possible(&self) -> bool {
        match self {
            Self::Refused { code, .. } => !matches!(
                *code,
                code::COMMIT_UNKNOWN_RESULT | code::CLUSTER_VERSION_CHANGED
            ),
            Self::Late { code, .. } => matches!(
                *code,
                code::TRANSACTION_TIMED_OUT
                    | code::TRANSACTION_CANCELLED
                    | code::OPERATION_CANCELLED
                    | code::CLUSTER_VERSION_CHANGED
            ),
            Self::Resolve { .. } | Self::UnknownDone { .. } | Self::UnknownNotDone { .. } => true,
        }
    }
}

/// What becomes of one read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFate {
    /// Answered. Longer than the transaction's timeout is a hang.
    Answer {
        /// How long it takes.
        after_us: u64,
    },
    /// A page that ends after at most `rows` rows (at least 1) and says that there is more, be it so or
    /// not. A read of one key is answered.
    Short {
        /// The most rows.
        rows: usize,
        /// How long it takes.
        after_us: u64,
    },
    /// Fails: 1007, 1009, 1037 …
    Fails {
        /// The error.
        code: i32,
        /// How long it takes.
        after_us: u64,
    },
}

impl ReadFate {
    /// Answered at once.
    pub const FINE: Self = Self::Answer { after_us: 0 };
}

/// What becomes of one question for a read version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadVersionFate {
    /// Answered with the newest version of `before_us` after the question.
    Answer {
        /// From asking to the choice of the version.
        before_us: u64,
        /// From there to the answer, while the version grows old.
        after_us: u64,
    },
    /// Fails: 1037, 1051, 1078, 1213 …
    Fails {
        /// The error.
        code: i32,
        /// How long it takes.
        after_us: u64,
    },
}

impl ReadVersionFate {
    /// Answered at once.
    pub const FINE: Self = Self::Answer {
        before_us: 0,
        after_us: 0,
    };
}

/// What becomes of one watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchFate {
    /// Told so long after the change.
    Told {
        /// How late.
        after_us: u64,
    },
    /// Told so long after it was set, though nothing may have changed; sooner if something did.
    Spurious {
        /// When.
        after_us: u64,
    },
    /// Fails so long after it was set: 1101, 1037 …
    Fails {
        /// The error.
        code: i32,
        /// When.
        after_us: u64,
    },
}

impl WatchFate {
    /// Told at once.
    pub const FINE: Self = Self::Told { after_us: 0 };
}

/// What becomes of a commit that is in flight when the store recovers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryFate {
    /// It had made it (unless it conflicts), and the client is told 1021.
    Done,
    /// It is lost, and the client is told 1021.
    NotDone,
    /// It is lost, and the client is told 1020.
    Refused,
}
