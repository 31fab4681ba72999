//! Where selectors lead, own writes included.

use std::ops::Range;

use crate::limits::PAGE_BYTES_MAX;
use crate::selector::key_after;
use crate::{Backend, KeySelector, StoreError};

use super::Session;
use super::near::Near;
use super::scan::ScanRequest;
use super::write::check_bound;

/// Where one end of a range lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    /// Every key of the range is at or past it, or before it.
    pub(super) key: Vec<u8>,
    /// 1; another number if the keys ended before the selector did: what was left of its offset.
    pub(super) left: i64,
}

/// A walk from key to key.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) range: Range<Vec<u8>>,
    /// How many keys at most; positive.
    pub(super) steps: i64,
    pub(super) backwards: bool,
    /// Whether what it reads is known from then on.
    pub(super) learns: bool,
}

impl Bound {
    /// Whether the keys ended at their begin.
    pub(super) fn is_before_all(&self) -> bool {
        self.left < 1
    }

    /// Whether the keys ended at their end.
    pub(super) fn is_past_all(&self) -> bool {
        self.left > 1
    }
}

impl<B: Backend> Session<B> {
    /// The key that `selector` names, and the conflict range that it rests on.
    pub(super) async fn read_selector(
        &self,
        selector: &KeySelector,
        snapshot: bool,
    ) -> Result<Vec<u8>, StoreError> {
        self.check_usable()?;
        check_bound(&selector.key, self.readable_end())?;
        let epoch = self.begin_read();
        let found = self.named(selector, snapshot).await?;
        if !snapshot {
            let start = start_of(selector);
            // `addConflictRange` of `GetKeyReq` in FoundationDB's `ReadYourWrites.actor.cpp`: from the key that is found to where
            // the selector starts, or from there to the key, and the key with it.
            let (begin, end) = match selector.offset {
                ..=0 => (found.clone(), start),
                1.. => (start, key_after(&found)),
            };
            self.finish_read(epoch, &begin, &end)?;
        }
        Ok(found)
    }

    /// The key that `selector` names, clamped to where the keys end.
    pub(super) async fn named(
        &self,
        selector: &KeySelector,
        snapshot: bool,
    ) -> Result<Vec<u8>, StoreError> {
        let near = self.near(selector, snapshot).await?;
        if near.is_row || near.is_clamped() {
            return Ok(near.key);
        }
        if near.offset <= 0 {
            return Ok(self.bound(&near, true, snapshot).await?.key);
        }
        let walk = Walk::forwards(near.key, self.readable_end(), near.offset);
        let mut keys = self.walk(walk, snapshot).await?;
        let is_found = keys.len() as i64 == near.offset;
        let named = keys.pop().filter(|_| is_found);
        Ok(named.unwrap_or_else(|| self.readable_end().to_vec()))
    }

    /// Where a range begins or ends: without a read if the selector goes to the next key or stays, since
    /// the range read that follows starts at that very place. See [`Walk::learns`].
    pub(super) async fn bound(
        &self,
        selector: &Near,
        learns: bool,
        snapshot: bool,
    ) -> Result<Bound, StoreError> {
        let Near {
            key, offset, left, ..
        } = selector;
        if *offset == 1 {
            let key = key.as_slice().min(self.readable_end()).to_vec();
            return Ok(Bound { key, left: *left });
        }
        let backwards = *offset < 1;
        let walk = match backwards {
            true => Walk::backwards(key, self.readable_end(), 1 - offset),
            false => Walk::forwards(key.clone(), self.readable_end(), offset - 1),
        };
        let steps = walk.steps;
        let mut keys = self.walk(Walk { learns, ..walk }, snapshot).await?;
        if backwards {
            // FoundationDB's client does not count it: that a selector leads there, or past it, is one to it.
            keys.pop_if(|key| key.is_empty());
        }
        let walked = keys.len() as i64;
        let last = keys.pop().filter(|_| walked == steps);
        Ok(match (last, backwards) {
            (Some(key), true) => Bound { key, left: 1 },
            (Some(key), false) => Bound {
                key: key_after(&key),
                left: 1,
            },
            (None, true) => Bound {
                key: Vec::new(),
                left: offset + walked,
            },
            (None, false) => Bound {
                key: self.readable_end().to_vec(),
                left: offset - walked,
            },
        })
    }

    /// The keys of `walk`, in its direction.
    pub(super) async fn walk(
        &self,
        walk: Walk,
        snapshot: bool,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut request = ScanRequest {
            begin: walk.range.start,
            end: walk.range.end,
            limit: usize::try_from(walk.steps).expect("the steps of either direction are positive"),
            bytes_target: PAGE_BYTES_MAX,
            reverse: walk.backwards,
            learns: walk.learns,
            snapshot,
        };
        let mut keys = Vec::new();
        loop {
            let page = self.scan(request.clone()).await?;
            request.limit -= page.rows.len();
            keys.extend(page.rows.into_iter().map(|(key, _)| key));
            match keys.last() {
                Some(last) if page.more && request.limit > 0 && walk.backwards => {
                    request.end.clone_from(last)
                }
                Some(last) if page.more && request.limit > 0 => request.begin = key_after(last),
                _ => return Ok(keys),
            }
        }
    }
}

impl Walk {
    /// From `start` on.
    fn forwards(start: Vec<u8>, space_end: &[u8], steps: i64) -> Self {
        Self {
            range: start..space_end.to_vec(),
            steps,
            backwards: false,
            learns: true,
        }
    }

    /// Down from before `start`.
    fn backwards(start: &[u8], space_end: &[u8], steps: i64) -> Self {
        Self {
            range: Vec::new()..start.min(space_end).to_vec(),
            steps,
            backwards: true,
            learns: true,
        }
    }
}

/// The first key that a forward walk may meet, and the first past a backward walk.
pub(super) fn start_of(selector: &KeySelector) -> Vec<u8> {
    if selector.or_equal {
        key_after(&selector.key)
    } else {
        selector.key.clone()
    }
}
