//! Where selectors lead, own writes included.

use crate::limits::PAGE_BYTES_MAX;
use crate::selector::key_after;
use crate::{Backend, KeySelector, StoreError};

use super::Session;
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
        if selector.offset <= 0 {
            return Ok(self.bound(selector, snapshot).await?.key);
        }
        let (start, offset) = (start_of(selector), i64::from(selector.offset));
        let keys = self.walk(&start, offset, false, snapshot).await?;
        let named = usize::try_from(selector.offset)
            .ok()
            .and_then(|nth| keys.into_iter().nth(nth - 1));
        Ok(named.unwrap_or_else(|| self.readable_end().to_vec()))
    }

    /// Where a range begins or ends: without a read if the selector goes to the next key or stays, since
    /// the range read that follows starts at that very place.
    pub(super) async fn bound(
        &self,
        selector: &KeySelector,
        snapshot: bool,
    ) -> Result<Bound, StoreError> {
        let (start, offset) = (start_of(selector), i64::from(selector.offset));
        if offset == 1 {
            let key = start.min(self.readable_end().to_vec());
            return Ok(Bound { key, left: 1 });
        }
        let (steps, backwards) = if offset > 1 {
            (offset - 1, false)
        } else {
            (1 - offset, true)
        };
        let mut keys = self.walk(&start, steps, backwards, snapshot).await?;
        if backwards {
            // FoundationDB's client does not count it: that a selector leads there, or past it, is one to it.
            keys.pop_if(|key| key.is_empty());
        }
        let walked =
            i64::try_from(keys.len()).expect("a walk has at most so many steps as were asked for");
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

    /// Up to `steps` keys from `start` on, or before it.
    async fn walk(
        &self,
        start: &[u8],
        steps: i64,
        backwards: bool,
        snapshot: bool,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let space_end = self.readable_end();
        let start = start.min(space_end).to_vec();
        let (begin, end) = match backwards {
            true => (Vec::new(), start),
            false => (start, space_end.to_vec()),
        };
        let mut request = ScanRequest {
            begin,
            end,
            limit: usize::try_from(steps).expect("the steps of either direction are positive"),
            bytes_target: PAGE_BYTES_MAX,
            reverse: backwards,
            snapshot,
        };
        let mut keys = Vec::new();
        loop {
            let page = self.scan(request.clone()).await?;
            request.limit -= page.rows.len();
            keys.extend(page.rows.into_iter().map(|(key, _)| key));
            match keys.last() {
                Some(last) if page.more && request.limit > 0 && backwards => {
                    request.end.clone_from(last)
                }
                Some(last) if page.more && request.limit > 0 => request.begin = key_after(last),
                _ => return Ok(keys),
            }
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
