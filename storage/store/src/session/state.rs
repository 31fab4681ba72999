//! What one transaction holds between its calls, and the phases it goes through.
//!
//! ```text
//!   Open ──commit──▶ Committing ──▶ Finished          cancel, misuse: any phase, but ended by an error
//!    ▲                                   │
//!    └──────── reset, on_error ──────────┘            (from everywhere; a new epoch begins)
//! ```

use std::rc::Rc;

use crate::limits::{BACKOFF_MS_MIN, TRANSACTION_BYTES_MAX};
use crate::{CommitRequest, Mutation, StoreError, TransactionOption, Version, code};

use super::compact::compact;
use super::guard::Timer;
use super::mirror::Mirror;
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
}

/// Mutations are compacted once there are so many bytes of them: what is overwritten does not count.
const LOG_BYTES_MAX: usize = 2 * TRANSACTION_BYTES_MAX;

/// The state of one transaction over snapshots of type `S`.
pub(super) struct State<S> {
    phase: Phase,
    /// Grows with every reset: operations of an earlier epoch fail with 1025.
    epoch: u64,
    /// What everything that is under way and that follows fails with, until a reset.
    ended: Option<StoreError>,
    begun_us: u64,
    pub(super) retries: u32,
    pub(super) backoff_ms: u64,
    pub(super) options: Options,
    /// What the reads see; none before the first.
    pub(super) snapshot: Option<Rc<S>>,
    pub(super) version_asked: Option<Version>,
    /// The read version once it is known, with how many mutations there were before.
    pub(super) read_at: Option<(usize, Version)>,
    /// Writes and conflict ranges so far; its read version is filled in by the commit.
    pub(super) request: CommitRequest,
    mutation_bytes: usize,
    /// What FoundationDB's client would take the size for; it counts what was overwritten too.
    pub(super) approximate_bytes: usize,
    pub(super) overlay: Overlay,
    /// What FoundationDB's client would have in its caches, if that is kept.
    pub(super) mirror: Option<Box<Mirror>>,
    /// The first fault of a call that returns nothing; all that follow and return something report it.
    deferred: Option<StoreError>,
    /// What the first read failed with that failed. FoundationDB's client lets the commit wait for all reads, and fail as they did.
    failed_read: Option<StoreError>,
    pub(super) watches: Vec<PendingWatch>,
    pub(super) wakers: Wakers,
    /// The try's time-out, while no operation waits for it.
    pub(super) timer: Option<Timer>,
    has_read: bool,
}

impl<S> State<S> {
    pub(super) fn new(now_us: u64) -> Self {
        Self {
            phase: Phase::Open,
            epoch: 0,
            ended: None,
            begun_us: now_us,
            retries: 0,
            backoff_ms: BACKOFF_MS_MIN,
            options: Options::default(),
            snapshot: None,
            version_asked: None,
            read_at: None,
            request: CommitRequest::default(),
            mutation_bytes: 0,
            approximate_bytes: 0,
            overlay: Overlay::default(),
            mirror: None,
            deferred: None,
            failed_read: None,
            watches: Vec::new(),
            wakers: Wakers::default(),
            timer: None,
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

    /// Whether a call may go on at `now_us`; why not, if not. One that comes during or after a commit ends
    /// that commit too, if it still runs.
    pub(super) fn check(&mut self, now_us: impl FnOnce() -> u64) -> Result<(), StoreError> {
        self.check_refused()?;
        if self.phase != Phase::Open {
            return Err(self.misuse());
        }
        self.check_going_on(now_us)
    }

    /// Whether the transaction is neither cancelled nor past its timeout at `now_us`.
    pub(super) fn check_going_on(
        &mut self,
        now_us: impl FnOnce() -> u64,
    ) -> Result<(), StoreError> {
        let is_late = |deadline_us| deadline_us <= now_us();
        if self.ended.is_none() && self.deadline_us().is_some_and(is_late) {
            self.ended = Some(StoreError::new(code::TRANSACTION_TIMED_OUT));
        }
        self.ended.clone().map_or(Ok(()), Err)
    }

    /// As [`State::check`], for a call that may come during and after a commit.
    pub(super) fn check_any_phase(
        &mut self,
        now_us: impl FnOnce() -> u64,
    ) -> Result<(), StoreError> {
        self.check_refused()?;
        self.check_going_on(now_us)
    }

    /// Whether a call was refused that could not say so.
    pub(super) fn check_refused(&self) -> Result<(), StoreError> {
        self.deferred.clone().map_or(Ok(()), Err)
    }

    /// Whether a read that began in `epoch` may still use what it learnt: a commit that started since
    /// has left without its conflict ranges.
    pub(super) fn check_reading(&self, epoch: u64) -> Result<(), StoreError> {
        match (self.interruption(epoch), self.phase) {
            (Some(error), _) => Err(error),
            (None, Phase::Open) => Ok(()),
            (None, _) => Err(StoreError::new(code::USED_DURING_COMMIT)),
        }
    }

    /// Why an operation that began in `epoch` must end.
    pub(super) fn interruption(&self, epoch: u64) -> Option<StoreError> {
        match self.epoch == epoch {
            true => self.ended.clone(),
            false => Some(StoreError::new(code::TRANSACTION_CANCELLED)),
        }
    }

    /// Whether a write may be taken. One that comes while the commit runs fails that commit.
    pub(super) fn is_writable(&mut self) -> bool {
        match self.phase {
            Phase::Open => self.deferred.is_none(),
            Phase::Committing | Phase::Finished => {
                let misuse = self.misuse();
                self.defer(misuse);
                false
            }
        }
    }

    fn misuse(&mut self) -> StoreError {
        let error = StoreError::new(code::USED_DURING_COMMIT);
        if self.options.misuse_ends {
            self.end(error.clone());
        }
        error
    }

    /// Remembers the fault of a call that returns nothing.
    pub(super) fn defer(&mut self, error: StoreError) {
        self.deferred.get_or_insert(error);
    }

    /// Remembers that a read failed that began in `epoch`, unless it was refused before it was one.
    pub(super) fn note_failed_read(&mut self, epoch: u64, error: &StoreError) {
        let is_refusal = matches!(
            error.code(),
            code::KEY_OUTSIDE_LEGAL_RANGE | code::USED_DURING_COMMIT
        );
        if epoch == self.epoch && !is_refusal {
            self.failed_read.get_or_insert_with(|| error.clone());
        }
    }

    /// What a commit would fail with since a read did.
    pub(super) fn failed_read(&self) -> Option<&StoreError> {
        self.failed_read.as_ref()
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
        if self.read_at.is_some() {
            self.defer(StoreError::new(code::READ_VERSION_ALREADY_SET));
        } else {
            self.version_asked = Some(version);
            self.reads_at(version);
        }
    }

    /// Notes the read version, which is known from now on.
    pub(super) fn reads_at(&mut self, version: Version) {
        self.read_at
            .get_or_insert((self.request.mutations.len(), version));
    }

    /// Takes a write into the log, unless the log is larger than any transaction may be.
    pub(super) fn push(&mut self, mutation: Mutation) {
        self.mutation_bytes += mutation.size_bytes();
        self.request.mutations.push(mutation);
        if self.mutation_bytes <= LOG_BYTES_MAX {
            return;
        }
        self.compact();
        if self.mutation_bytes > TRANSACTION_BYTES_MAX {
            let context = format!("more than {TRANSACTION_BYTES_MAX} bytes of mutations");
            self.defer(StoreError::with_context(
                code::TRANSACTION_TOO_LARGE,
                context,
            ));
            self.request.mutations.clear();
            self.overlay.is_compacted(0);
        }
    }

    /// Leaves out of the log what was overwritten. Without read-your-writes FoundationDB's client does not.
    fn compact(&mut self) {
        if self.options.read_your_writes {
            self.overlay.index(&self.request.mutations, self.read_at);
            compact(&mut self.request.mutations);
            self.overlay.is_compacted(self.request.mutations.len());
            self.mutation_bytes = self
                .request
                .mutations
                .iter()
                .map(Mutation::size_bytes)
                .sum();
        }
    }

    pub(super) fn mark_read(&mut self) {
        self.has_read = true;
    }

    fn is_used(&self) -> bool {
        let CommitRequest {
            mutations,
            write_conflicts,
            ..
        } = &self.request;
        self.has_read || !mutations.is_empty() || !write_conflicts.is_empty()
    }

    /// Whether a read sees own writes; indexes them if so and if there are any.
    pub(super) fn index_own_writes(&mut self, snapshot: bool) -> bool {
        let sees = self.options.read_your_writes && (!snapshot || self.options.snapshot_ryw > 0);
        if !sees || self.request.mutations.is_empty() {
            return false;
        }
        self.overlay.index(&self.request.mutations, self.read_at);
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

    /// Committing to Finished.
    pub(super) fn finish_commit(&mut self) {
        assert_eq!(
            self.phase,
            Phase::Committing,
            "only a running commit finishes"
        );
        self.phase = Phase::Finished;
        self.snapshot = None;
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

    /// Fails everything outstanding and everything to come with `error`, until a reset.
    pub(super) fn end(&mut self, error: StoreError) {
        if self.ended.is_none() {
            self.ended = Some(error);
            self.watches.clear();
            self.wake_all();
        }
    }

    fn replace(&mut self, mut next: Self) {
        next.epoch = self.epoch + 1;
        std::mem::swap(&mut next.wakers, &mut self.wakers);
        *self = next;
        self.wake_all();
    }

    fn wake_all(&self) {
        self.wakers
            .waiting()
            .into_iter()
            .for_each(std::task::Waker::wake);
    }
}
