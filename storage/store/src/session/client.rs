//! What FoundationDB's client offers besides [`crate::Transaction`]; for whoever speaks its C API.

use crate::limits::SYSTEM_KEY_SPACE_END;
use crate::selector::key_after;
use crate::{Backend, ConflictSet, StoreError};

use super::Session;

impl<B: Backend> Session<B> {
    /// What the transaction runs on.
    pub fn backend(&self) -> &B {
        &self.backend
    }

    /// The next call that returns something answers `error`, unless one waits already: for calls that return
    /// nothing and are refused before they get here.
    pub fn refuse(&self, error: StoreError) {
        self.state.borrow_mut().defer(error);
    }

    /// Whether a call may go on that is answered elsewhere; why not, if not.
    pub fn check(&self) -> Result<(), StoreError> {
        self.check_usable()
    }

    /// As [`Session::check`], for a call that may also come once the transaction is cancelled or too late.
    pub fn check_refused(&self) -> Result<(), StoreError> {
        self.state.borrow().check_refused()
    }

    /// As [`Session::check`], for a call that may also come while and after the transaction commits.
    pub fn check_any_phase(&self) -> Result<(), StoreError> {
        self.state.borrow_mut().check_any_phase(|| self.now_us())
    }

    /// What a read failed with. The commit will fail with it too, and never leave the client.
    pub fn check_reads(&self) -> Result<(), StoreError> {
        let state = self.state.borrow();
        state
            .failed_read()
            .map_or(Ok(()), |error| Err(error.clone()))
    }

    /// Whether the version that this transaction reads at is known or set.
    pub fn has_read_version(&self) -> bool {
        self.state.borrow().read_at.is_some()
    }

    /// Reads (and writes, if `writes`) may name keys up to `\xff\xff`. Forgotten with each try, as are the
    /// other options here.
    pub fn allow_system_keys(&self, writes: bool) {
        let options = &mut self.state.borrow_mut().options;
        options.readable_end = SYSTEM_KEY_SPACE_END;
        if writes {
            options.writable_end = SYSTEM_KEY_SPACE_END;
        }
    }

    /// The first key that reads may not name.
    pub fn first_unreadable(&self) -> &'static [u8] {
        self.readable_end()
    }

    /// `get` shows a versionstamped value as it was written, instead of 1036.
    pub fn bypass_unreadable(&self) {
        self.state.borrow_mut().options.bypass_unreadable = true;
    }

    /// A call during a commit fails alone, and the commit goes on.
    pub fn spare_commit_from_misuse(&self) {
        self.state.borrow_mut().options.misuse_ends = false;
    }

    /// Whether a commit that read, but names no conflict range, is too old once its version is.
    pub fn set_self_conflicting(&self, self_conflicting: bool) {
        self.state.borrow_mut().options.self_conflicting = self_conflicting;
    }

    /// Keeps what FoundationDB's client has in its caches, since what it conflicts on hangs on them in places.
    pub fn mirror_client(&self) {
        let mut state = self.state.borrow_mut();
        state.mirror.get_or_insert_default();
    }

    /// 1020 tells which read conflict ranges met a write; merged ones, so that each is told once.
    pub fn report_conflicts(&self) {
        self.state.borrow_mut().request.reports_conflicts = true;
    }

    /// What the transaction would count towards its size limit, about: what it overwrote itself counts too. It is told of one
    /// that is cancelled, too late or committed as well.
    pub fn approximate_size(&self) -> Result<usize, StoreError> {
        let state = self.state.borrow();
        state.check_refused()?;
        Ok(state.approximate_bytes)
    }

    /// Whether reads that are not snapshot reads see own writes.
    pub fn reads_own_writes(&self) -> bool {
        self.state.borrow().options.read_your_writes
    }

    /// Whether the transaction wrote anything from `begin` to before `end`, or to `begin` if they are one.
    pub fn wrote_between(&self, begin: &[u8], end: &[u8]) -> bool {
        let mut state = self.state.borrow_mut();
        let end = end.max(&key_after(begin)).to_vec();
        state.index_own_writes(false) && state.overlay.meets(begin, &end)
    }

    /// What the commit would conflict on so far, merged.
    pub fn read_conflicts(&self) -> ConflictSet {
        let mut conflicts = self.state.borrow().request.read_conflicts.clone();
        conflicts.coalesce();
        conflicts
    }

    /// What others would conflict with, merged, as FoundationDB's client tells it.
    pub fn write_conflicts(&self) -> ConflictSet {
        self.state.borrow().told_write_conflicts()
    }
}
