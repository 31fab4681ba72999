//! Reads: own writes first, then the snapshot, and what was learnt there as conflict ranges.

use std::rc::Rc;

use crate::limits::{KEY_SPACE_END, PAGE_BYTES_MAX};
use crate::selector::key_after;
use crate::{Backend, KeySelector, RangeRead, Rows, Snapshot, StoreError, code};

use super::Session;
use super::overlay::{Own, fold};
use super::scan::ScanRequest;
use super::write::check_bound;

/// What the own writes say about one key.
enum Plan {
    /// The value is known.
    Known(Option<Vec<u8>>),
    /// The snapshot knows.
    Ask,
    /// The snapshot knows what these operations apply to.
    Fold(Vec<(crate::AtomicOp, Vec<u8>)>),
}

impl<B: Backend> Session<B> {
    /// Whether a call may go on.
    pub(super) fn check_usable(&self) -> Result<(), StoreError> {
        self.state.borrow().check(|| self.now_us())
    }

    /// The snapshot that all reads of this try share. Of two that ask first at once, one wins.
    pub(super) async fn snapshot(&self) -> Result<Rc<B::Snapshot>, StoreError> {
        let version_asked = {
            let mut state = self.state.borrow_mut();
            if let Some(snapshot) = &state.snapshot {
                return Ok(Rc::clone(snapshot));
            }
            state.mark_read();
            state.version_asked
        };
        let taken = match version_asked {
            Some(version) => self.guard(self.backend.snapshot_at(version)).await?,
            None => self.guard(self.backend.snapshot()).await?,
        };
        let mut state = self.state.borrow_mut();
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
        if key >= KEY_SPACE_END {
            return Err(StoreError::with_context(
                code::KEY_OUTSIDE_LEGAL_RANGE,
                "read of a system key",
            ));
        }
        match self.plan(key, snapshot)? {
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

    fn plan(&self, key: &[u8], snapshot: bool) -> Result<Plan, StoreError> {
        let mut state = self.state.borrow_mut();
        let plan = if state.index_own_writes(snapshot) {
            match state.overlay.lookup(key) {
                Own::Nothing => Plan::Ask,
                Own::Known(value) => Plan::Known(value.map(<[u8]>::to_vec)),
                Own::Stacked(operations) => Plan::Fold(operations.to_vec()),
                Own::Unreadable => return Err(StoreError::new(code::ACCESSED_UNREADABLE)),
            }
        } else {
            Plan::Ask
        };
        if !snapshot && !matches!(plan, Plan::Known(_)) {
            state.request.read_conflicts.add_key(key);
        }
        Ok(plan)
    }

    pub(super) async fn read_range(
        &self,
        read: &RangeRead,
        snapshot: bool,
    ) -> Result<Rows, StoreError> {
        self.check_usable()?;
        let begin = self.resolve_bound(&read.begin, snapshot).await?;
        let end = self.resolve_bound(&read.end, snapshot).await?;
        let unlimited = |limit: usize, most: usize| if limit == 0 { most } else { limit.min(most) };
        self.scan(ScanRequest {
            begin,
            end,
            limit: unlimited(read.limit, usize::MAX),
            bytes_target: unlimited(read.bytes_target, PAGE_BYTES_MAX),
            reverse: read.reverse,
            snapshot,
        })
        .await
    }

    /// Where a range begins or ends: without a read if the selector goes to the next key or stays, since
    /// the range read that follows starts at that very place.
    async fn resolve_bound(
        &self,
        selector: &KeySelector,
        snapshot: bool,
    ) -> Result<Vec<u8>, StoreError> {
        if selector.offset != 1 {
            return self.resolve_selector(selector, snapshot).await;
        }
        check_bound(&selector.key)?;
        Ok(start_of(selector).min(KEY_SPACE_END.to_vec()))
    }

    /// Walks to the key that `selector` names, own writes included.
    pub(super) async fn resolve_selector(
        &self,
        selector: &KeySelector,
        snapshot: bool,
    ) -> Result<Vec<u8>, StoreError> {
        check_bound(&selector.key)?;
        let start = start_of(selector).min(KEY_SPACE_END.to_vec());
        let reverse = selector.offset <= 0;
        let (begin, end) = if reverse {
            (Vec::new(), start)
        } else {
            (start, KEY_SPACE_END.to_vec())
        };
        let steps = i64::from(selector.offset);
        let steps = if reverse { 1 - steps } else { steps };
        let mut left = usize::try_from(steps).expect("the steps of either direction are positive");
        let mut request = ScanRequest {
            begin,
            end,
            limit: 0,
            bytes_target: PAGE_BYTES_MAX,
            reverse,
            snapshot,
        };
        loop {
            request.limit = left;
            let page = self.scan(request.clone()).await?;
            left -= page.rows.len();
            match page.rows.into_iter().next_back() {
                Some((key, _)) if left == 0 => return Ok(key),
                Some((key, _)) if page.more && reverse => request.end = key,
                Some((key, _)) if page.more => request.begin = key_after(&key),
                _ if reverse => return Ok(Vec::new()),
                _ => return Ok(KEY_SPACE_END.to_vec()),
            }
        }
    }
}

/// The first key that a forward walk may meet, and the first past a backward walk.
fn start_of(selector: &KeySelector) -> Vec<u8> {
    if selector.or_equal {
        key_after(&selector.key)
    } else {
        selector.key.clone()
    }
}
