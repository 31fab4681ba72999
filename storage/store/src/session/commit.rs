//! The commit: from the log of writes to the backend and back.

use crate::{Backend, CommitRequest, Committed, StoreError, code};

use super::Session;

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
        let mut result = match &baselines {
            Ok(_) => self.submit().await,
            Err(error) => Err(error.clone()),
        };
        let mut state = self.state.borrow_mut();
        if state.epoch() != epoch {
            // Reset or cancelled meanwhile; what runs now is another try.
            return Err(StoreError::new(code::TRANSACTION_CANCELLED));
        }
        if let Err(misused) = state.finish_commit() {
            result = Err(misused);
        }
        drop(state);
        self.settle_watches(baselines.unwrap_or_default(), &result);
        result
    }

    async fn submit(&self) -> Result<Committed, StoreError> {
        let (mut request, size_bytes_max) = {
            let mut state = self.state.borrow_mut();
            (
                std::mem::take(&mut state.request),
                state.options.size_bytes_max,
            )
        };
        if request.mutations.is_empty() && request.write_conflicts.is_empty() {
            return Ok(Committed::READ_ONLY);
        }
        check_size(&mut request, size_bytes_max)?;
        if !request.read_conflicts.is_empty() {
            request.read_version = self.commit_read_version().await?;
        }
        self.guard(self.backend.commit(request)).await
    }

    /// The version that the read conflict ranges count from.
    async fn commit_read_version(&self) -> Result<crate::Version, StoreError> {
        let known = {
            let state = self.state.borrow();
            let read_at = state
                .snapshot
                .as_ref()
                .map(|snapshot| crate::Snapshot::version(&**snapshot));
            read_at.or(state.version_asked)
        };
        match known {
            Some(version) => Ok(version),
            None => self.guard(self.backend.read_version()).await,
        }
    }
}

/// 2101 if the request is too large even with its conflict ranges merged.
fn check_size(request: &mut CommitRequest, size_bytes_max: usize) -> Result<(), StoreError> {
    if request.size_bytes() <= size_bytes_max {
        return Ok(());
    }
    request.read_conflicts.coalesce();
    request.write_conflicts.coalesce();
    let size_bytes = request.size_bytes();
    if size_bytes <= size_bytes_max {
        return Ok(());
    }
    let context = match size_bytes {
        usize::MAX => "far too many conflict ranges".to_owned(),
        _ => format!("{size_bytes} bytes, at most {size_bytes_max} fit"),
    };
    Err(StoreError::with_context(
        code::TRANSACTION_TOO_LARGE,
        context,
    ))
}
