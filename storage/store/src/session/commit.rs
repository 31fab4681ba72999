//! The commit: from the log of writes to the backend and back.

use crate::{Backend, CommitRequest, Committed, StoreError, code};

use super::Session;
use super::compact::compact;

/// Where FoundationDB's client puts the key that only one commit knows.
const SELF_CONFLICT_PREFIX: &[u8] = b"\xff/SC/";

impl<B: Backend> Session<B> {
    /// Commits, then arms or fails the watches.
    pub(super) async fn run_commit(&self) -> Result<Committed, StoreError> {
        self.check_usable()?;
        let epoch = {
            let mut state = self.state.borrow_mut();
            state.start_commit();
            state.epoch()
        };
        let baselines = self.read_watch_baselines().await;
        let failed_read = self.state.borrow().failed_read().cloned();
        let result = match failed_read {
            Some(error) => Err(error),
            None => self.submit().await,
        };
        let mut state = self.state.borrow_mut();
        let result = match state.interruption(epoch) {
            // What runs now is another try, or none.
            Some(error) => Err(error),
            None => result,
        };
        if state.epoch() == epoch {
            state.finish_commit();
        }
        drop(state);
        self.settle_watches(baselines, &result);
        result
    }

    async fn submit(&self) -> Result<Committed, StoreError> {
        let (mut request, size_limit) = {
            let mut state = self.state.borrow_mut();
            let size_limit = SizeLimit {
                bytes: state.options.size_bytes_max,
                compacts: state.options.read_your_writes,
            };
            (std::mem::take(&mut state.request), size_limit)
        };
        if request.mutations.is_empty() && request.write_conflicts.is_empty() {
            return Ok(Committed::READ_ONLY);
        }
        size_limit.check(&mut request)?;
        if request.reports_conflicts {
            request.read_conflicts.coalesce();
        }
        self.conflict_with_itself(&mut request);
        if !request.read_conflicts.is_empty() {
            request.read_version = self.commit_read_version().await?;
        }
        self.guard(self.backend.commit(request)).await
    }

    /// As FoundationDB's client does it: a commit names a key of its own, so that it has a read version and
    /// can be told from one that is still under way. What reads and writes a common key needs none.
    fn conflict_with_itself(&self, request: &mut CommitRequest) {
        let state = self.state.borrow();
        if state.options.self_conflicting
            && request.read_conflicts.is_empty()
            && state.read_at.is_some()
        {
            let random = || self.backend.environment().random_u64().to_be_bytes();
            let key = [SELF_CONFLICT_PREFIX, &random(), &random()].concat();
            request.read_conflicts.add_key(&key);
            request.write_conflicts.add_key(&key);
        }
    }

    /// The version that the read conflict ranges count from.
    async fn commit_read_version(&self) -> Result<crate::Version, StoreError> {
        let known = self.state.borrow().read_at;
        match known {
            Some((_, version)) => Ok(version),
            None => self.guard(self.backend.read_version()).await,
        }
    }
}

/// How large a request may be.
struct SizeLimit {
    bytes: usize,
    /// Whether what was overwritten does not count. Without read-your-writes FoundationDB's client counts it.
    compacts: bool,
}

impl SizeLimit {
    /// 2101 if the request is too large, even with its conflict ranges and clears merged.
    fn check(&self, request: &mut CommitRequest) -> Result<(), StoreError> {
        if request.size_bytes() <= self.bytes {
            return Ok(());
        }
        request.read_conflicts.coalesce();
        request.write_conflicts.coalesce();
        if self.compacts {
            compact(&mut request.mutations);
        }
        let size_bytes = request.size_bytes();
        if size_bytes <= self.bytes {
            return Ok(());
        }
        let context = match size_bytes {
            usize::MAX => "far too many conflict ranges".to_owned(),
            _ => format!("{size_bytes} bytes, at most {} fit", self.bytes),
        };
        Err(StoreError::with_context(
            code::TRANSACTION_TOO_LARGE,
            context,
        ))
    }
}
