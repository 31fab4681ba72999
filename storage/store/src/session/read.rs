//! Reads of single keys: own writes first, then the snapshot, and what was learnt there as conflict ranges.

use std::rc::Rc;

use crate::{AtomicOp, Backend, Snapshot, StoreError, Version, code};

use super::Session;
use super::overlay::{Own, fold};
use super::state::State;
use super::write::key_bytes_max;

/// What the own writes say about one key.
#[derive(Debug)]
pub(super) enum Plan {
    /// The value is known.
    Known(Option<Vec<u8>>),
    /// The snapshot knows.
    Ask,
    /// The snapshot knows what these operations apply to.
    Fold(Vec<(AtomicOp, Vec<u8>)>),
}

impl<B: Backend> Session<B> {
    /// Whether a call may go on.
    pub(super) fn check_usable(&self) -> Result<(), StoreError> {
        self.state.borrow_mut().check(|| self.now_us())
    }

    /// The present try.
    pub(super) fn epoch(&self) -> u64 {
        self.state.borrow().epoch()
    }

    /// The result of a read that began in `epoch`: if it failed, so will the commit.
    pub(super) fn noting_failure<T>(
        &self,
        epoch: u64,
        result: Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if let Err(error) = &result {
            self.state.borrow_mut().note_failed_read(epoch, error);
        }
        result
    }

    /// The version that this transaction reads at, also while and after it commits.
    pub(super) async fn ask_version(&self) -> Result<Version, StoreError> {
        let known = {
            let mut state = self.state.borrow_mut();
            state.check_any_phase(|| self.now_us())?;
            state.read_at
        };
        match known {
            Some((_, version)) => Ok(version),
            None => Ok(self.snapshot().await?.version()),
        }
    }

    /// The snapshot that all reads of this try share. Of two that ask first at once, one wins.
    pub(super) async fn snapshot(&self) -> Result<Rc<B::Snapshot>, StoreError> {
        let version_asked = {
            let state = self.state.borrow();
            if let Some(snapshot) = &state.snapshot {
                return Ok(Rc::clone(snapshot));
            }
            state.version_asked
        };
        let taken = match version_asked {
            Some(version) => self.guard(self.backend.snapshot_at(version)).await?,
            None => self.guard(self.backend.snapshot()).await?,
        };
        let mut state = self.state.borrow_mut();
        state.reads_at(taken.version());
        Ok(Rc::clone(
            state.snapshot.get_or_insert_with(|| Rc::new(taken)),
        ))
    }

    pub(super) async fn read_key(
        &self,
        key: &[u8],
        snapshot: bool,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.check_usable()?;
        let plan = {
            let mut state = self.state.borrow_mut();
            state.check_readable(key)?;
            if key.len() > key_bytes_max(key) {
                return Ok(None);
            }
            state.plan(key, snapshot)?
        };
        match plan {
            Plan::Known(value) => Ok(value),
            Plan::Ask => self.read_base(key).await,
            Plan::Fold(operations) => Ok(fold(self.read_base(key).await?, &operations)),
        }
    }

    /// The snapshot's value of `key`.
    pub(super) async fn read_base(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let snapshot = self.snapshot().await?;
        self.guard(snapshot.get(key)).await
    }
}

impl<S> State<S> {
    /// What a read of `key` rests on; adds it to the conflict ranges if that is not own writes alone.
    pub(super) fn plan(&mut self, key: &[u8], snapshot: bool) -> Result<Plan, StoreError> {
        self.mark_read();
        let plan = if self.index_own_writes(snapshot) {
            let own = match self.options.bypass_unreadable {
                true => self.overlay.lookup_unprotected(key),
                false => self.overlay.lookup(key),
            };
            match own {
                Own::Nothing => Plan::Ask,
                Own::Known(value) => Plan::Known(value.map(<[u8]>::to_vec)),
                Own::Stacked(operations) => Plan::Fold(operations.to_vec()),
                Own::Unreadable => return Err(StoreError::new(code::ACCESSED_UNREADABLE)),
            }
        } else {
            Plan::Ask
        };
        if matches!(plan, Plan::Known(_)) {
            return Ok(plan);
        }
        self.learn_key(key);
        if !snapshot {
            self.count_read_conflict(2 * key.len() + 1);
            self.request.read_conflicts.add_key(key);
        }
        Ok(plan)
    }
}
