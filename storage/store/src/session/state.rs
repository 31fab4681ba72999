//! What one transaction holds between its calls, and the phases it goes through.
//!
//! ```text
//!   Open ──commit──▶ Committing ──▶ Finished          cancel: any ──▶ Cancelled
//!    ▲                                   │
//!    └──────── reset, on_error ──────────┘            (from everywhere; a new epoch begins)
//! ```

use std::rc::Rc;

use crate::limits::{BACKOFF_MS_MIN, TRANSACTION_BYTES_MAX};
use crate::{CommitRequest, Mutation, StoreError, TransactionOption, Version, code};

use super::options::Options;
use super::overlay::Overlay;
use super::wakers::Wakers;
use super::watch::PendingWatch;

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Open,
    Committing,
    Finished,
    Cancelled,
}

/// The state of one transaction over snapshots of type `S`.
pub(super) struct State<S> {
    phase: Phase,
    /// Grows with every reset and cancel: operations of an earlier epoch fail with 1025.
    epoch: u64,
    begun_us: u64,
    pub(super) retries: u32,
    pub(super) backoff_ms: u64,
    pub(super) options: Options,
    /// What the reads see; none before the first.
    pub(super) snapshot: Option<Rc<S>>,
    pub(super) version_asked: Option<Version>,
    /// Writes and conflict ranges so far; its read version is filled in by the commit.
    pub(super) request: CommitRequest,
    mutation_bytes: usize,
    pub(super) overlay: Overlay,
    /// The first fault of a call that returns nothing; the next call that returns something reports it.
    deferred: Option<StoreError>,
    pub(super) watches: Vec<PendingWatch>,
    pub(super) wakers: Wakers,
    has_read: bool,
}

impl<S> State<S> {
    pub(super) fn new(now_us: u64) -> Self {
        Self {
            phase: Phase::Open,
            epoch: 0,
            begun_us: now_us,
            retries: 0,
            backoff_ms: BACKOFF_MS_MIN,
            options: Options::default(),
            snapshot: None,
            version_asked: None,
            request: CommitRequest::default(),
            mutation_bytes: 0,
            overlay: Overlay::default(),
            deferred: None,
            watches: Vec::new(),
            wakers: Wakers::default(),
            has_read: false,
        }
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// When the timeout strikes; none without one.
    pub(super) fn deadline_us(&self) -> Option<u64> {
        let timeout_us = self.options.timeout_ms.saturating_mul(1_000);
        (timeout_us > 0).then(|| self.begun_us.saturating_add(timeout_us))
    }

    /// Whether a call may go on at `now_us`; why not, if not.
    pub(super) fn check(&self, now_us: impl FnOnce() -> u64) -> Result<(), StoreError> {
        if self
            .deadline_us()
            .is_some_and(|deadline_us| deadline_us <= now_us())
        {
            return Err(StoreError::new(code::TRANSACTION_TIMED_OUT));
        }
        match self.phase {
            Phase::Open => self.deferred.clone().map_or(Ok(()), Err),
            Phase::Committing | Phase::Finished => Err(StoreError::new(code::USED_DURING_COMMIT)),
            Phase::Cancelled => Err(StoreError::new(code::TRANSACTION_CANCELLED)),
        }
    }

    /// Whether a new try may start at `now_us`.
    pub(super) fn check_retry(&self, now_us: impl FnOnce() -> u64) -> Result<(), StoreError> {
        match self.check(now_us) {
            Err(error)
                if matches!(
                    error.code(),
                    code::TRANSACTION_TIMED_OUT | code::TRANSACTION_CANCELLED
                ) =>
            {
                Err(error)
            }
            _ => Ok(()),
        }
    }

    /// Whether a read that began in `epoch` may still use what it learnt: a commit that started since
    /// has left without its conflict ranges.
    pub(super) fn check_reading(&self, epoch: u64) -> Result<(), StoreError> {
        match self.phase {
            _ if self.epoch != epoch => Err(StoreError::new(code::TRANSACTION_CANCELLED)),
            Phase::Open => Ok(()),
            _ => Err(StoreError::new(code::USED_DURING_COMMIT)),
        }
    }

    /// Whether a write may be taken. One that comes while the commit runs fails that commit's answer.
    pub(super) fn is_writable(&mut self) -> bool {
        match self.phase {
            Phase::Open => self.deferred.is_none(),
            Phase::Committing => {
                self.defer(StoreError::new(code::USED_DURING_COMMIT));
                false
            }
            Phase::Finished | Phase::Cancelled => false,
        }
    }

    /// Remembers the fault of a call that returns nothing.
    pub(super) fn defer(&mut self, error: StoreError) {
        self.deferred.get_or_insert(error);
    }

    pub(super) fn set_option(&mut self, option: TransactionOption) {
        if option == TransactionOption::ReadYourWritesDisable && self.is_used() {
            let context = "ReadYourWritesDisable was set after the first read or write";
            self.defer(StoreError::with_context(
                code::CLIENT_INVALID_OPERATION,
                context,
            ));
        } else if !self.options.set(option) {
            self.defer(StoreError::with_context(
                code::INVALID_OPTION_VALUE,
                format!("{option:?}"),
            ));
        }
    }

    pub(super) fn set_read_version(&mut self, version: Version) {
        if self.snapshot.is_some() || self.version_asked.is_some() {
            self.defer(StoreError::new(code::READ_VERSION_ALREADY_SET));
        } else {
            self.version_asked = Some(version);
        }
    }

    /// Takes a write into the log, unless the log is larger than any transaction may be.
    pub(super) fn push(&mut self, mutation: Mutation) {
        self.mutation_bytes += mutation.size_bytes();
        if self.mutation_bytes > TRANSACTION_BYTES_MAX {
            let context = format!("more than {TRANSACTION_BYTES_MAX} bytes of mutations");
            self.defer(StoreError::with_context(
                code::TRANSACTION_TOO_LARGE,
                context,
            ));
        } else {
            self.request.mutations.push(mutation);
        }
    }

    pub(super) fn mark_read(&mut self) {
        self.has_read = true;
    }

    fn is_used(&self) -> bool {
        self.has_read || !self.request.mutations.is_empty()
    }

    /// Whether a read sees own writes; indexes them if so and if there are any.
    pub(super) fn index_own_writes(&mut self, snapshot: bool) -> bool {
        let sees = self.options.read_your_writes && (!snapshot || self.options.snapshot_ryw > 0);
        if !sees || self.request.mutations.is_empty() {
            return false;
        }
        self.overlay.index(&self.request.mutations);
        true
    }

    /// Open to Committing.
    pub(super) fn start_commit(&mut self) {
        assert_eq!(
            self.phase,
            Phase::Open,
            "a commit starts from an open transaction"
        );
        self.phase = Phase::Committing;
    }

    /// Committing to Finished; hands out the fault of a write that came in between.
    pub(super) fn finish_commit(&mut self) -> Result<(), StoreError> {
        assert_eq!(
            self.phase,
            Phase::Committing,
            "only a running commit finishes"
        );
        self.phase = Phase::Finished;
        self.snapshot = None;
        self.deferred.take().map_or(Ok(()), Err)
    }

    /// As if just begun.
    pub(super) fn reset(&mut self, now_us: u64) {
        let next = Self::new(now_us);
        self.replace(next);
    }

    /// Forgets reads and writes, keeps what lasts over all tries: the timeout's start, limits, back-off.
    pub(super) fn reset_for_retry(&mut self) {
        let next = Self {
            options: self.options.persistent(),
            retries: self.retries,
            backoff_ms: self.backoff_ms,
            ..Self::new(self.begun_us)
        };
        self.replace(next);
    }

    /// Fails everything outstanding and everything to come, until a reset.
    pub(super) fn cancel(&mut self) {
        self.phase = Phase::Cancelled;
        self.watches.clear();
        self.begin_epoch();
    }

    fn replace(&mut self, mut next: Self) {
        next.epoch = self.epoch;
        std::mem::swap(&mut next.wakers, &mut self.wakers);
        *self = next;
        self.begin_epoch();
    }

    fn begin_epoch(&mut self) {
        self.epoch += 1;
        self.wakers
            .waiting()
            .into_iter()
            .for_each(std::task::Waker::wake);
    }
}
