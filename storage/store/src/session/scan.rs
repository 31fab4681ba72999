//! A range read: pages of the snapshot with the own writes laid over them.
//!
//! The range is walked stretch by stretch. A stretch that the transaction cleared holds own writes only
//! and asks nothing; any other is a page of the snapshot, merged with the own writes within it.

use crate::limits::ROW_OVERHEAD_BYTES;
use crate::selector::{key_after, key_before};
use crate::{Backend, Rows, Scan, Snapshot, StoreError, code};

use super::Session;
use super::overlay::{Overlay, Own, fold};

/// A range read with its bounds resolved.
#[derive(Clone, Debug)]
pub(super) struct ScanRequest {
    pub(super) begin: Vec<u8>,
    pub(super) end: Vec<u8>,
    pub(super) limit: usize,
    pub(super) bytes_target: usize,
    pub(super) reverse: bool,
    /// Whether what is read is known from then on.
    pub(super) learns: bool,
    pub(super) snapshot: bool,
}

/// A page in the making.
#[derive(Default)]
struct Page {
    rows: Vec<(Vec<u8>, Vec<u8>)>,
    bytes: usize,
}

/// What lies next in the direction of the read.
struct Stretch {
    begin: Vec<u8>,
    end: Vec<u8>,
    /// Nothing of it is the snapshot's: it was cleared, or is a key that was written blindly.
    is_own: bool,
}

impl<B: Backend> Session<B> {
    /// One page of `request`. Its conflict range is its caller's matter.
    pub(super) async fn scan(&self, mut request: ScanRequest) -> Result<Rows, StoreError> {
        let mut page = Page::default();
        let epoch = self.state.borrow().epoch();
        while request.begin < request.end {
            let (stretch, writes) = self.next_stretch(&request);
            let base = if stretch.is_own {
                Rows::default()
            } else {
                self.base_page(&request, &stretch, &page).await?
            };
            let mut state = self.state.borrow_mut();
            state.check_reading(epoch)?;
            if state.request.mutations.len() != writes {
                // Written to meanwhile: the stretch may be another one now.
                continue;
            }
            let mut covered = covered(&stretch, &base, request.reverse);
            if request.learns && !stretch.is_own {
                state.learn(&covered.begin, &covered.end);
            }
            let is_short = base.more && page.is_short(&request, &base);
            let is_full = if state.index_own_writes(request.snapshot) {
                page.merge(&request, &state.overlay, &mut covered, base)?
            } else {
                page.take(&request, &mut covered, base)
            };
            if request.reverse {
                request.end = covered.begin;
            } else {
                request.begin = covered.end;
            }
            if is_full || (is_short && !page.rows.is_empty()) {
                return Ok(Rows {
                    more: true,
                    rows: page.rows,
                });
            }
        }
        Ok(Rows {
            rows: page.rows,
            more: false,
        })
    }

    /// What to read next, and how many own writes that rests on.
    fn next_stretch(&self, request: &ScanRequest) -> (Stretch, usize) {
        let mut state = self.state.borrow_mut();
        let stretch = match state.index_own_writes(request.snapshot) {
            true => own_stretch(&state.overlay, request),
            false => Stretch {
                begin: request.begin.clone(),
                end: request.end.clone(),
                is_own: false,
            },
        };
        (stretch, state.request.mutations.len())
    }

    async fn base_page(
        &self,
        request: &ScanRequest,
        stretch: &Stretch,
        page: &Page,
    ) -> Result<Rows, StoreError> {
        let snapshot = self.snapshot().await?;
        self.guard(snapshot.range(Scan {
            begin: &stretch.begin,
            end: &stretch.end,
            limit: request.limit - page.rows.len(),
            bytes_target: request.bytes_target - page.bytes,
            reverse: request.reverse,
        }))
        .await
    }
}

/// What lies next in `request`. A key that was written blindly counts by itself if it comes first, since it may be all that is
/// asked for; others are merged into the page of the snapshot that they lie in.
fn own_stretch(overlay: &Overlay, request: &ScanRequest) -> Stretch {
    let ScanRequest { begin, end, .. } = request;
    let is_written = |key: &[u8]| matches!(overlay.lookup(key), Own::Known(_));
    let (begin, end, is_own) = match request.reverse {
        false => match overlay.first_stretch(begin, end) {
            (_, false) if is_written(begin) => (begin.clone(), key_after(begin), true),
            (to, is_cleared) => (begin.clone(), to.to_vec(), is_cleared),
        },
        true => match (overlay.last_stretch(begin, end), key_before(end)) {
            ((_, false), Some(last)) if is_written(last) => (last.to_vec(), end.clone(), true),
            ((from, is_cleared), _) => (from.to_vec(), end.clone(), is_cleared),
        },
    };
    Stretch { begin, end, is_own }
}

/// The part of `stretch` that `base` speaks about: up to its last row if there is more.
fn covered(stretch: &Stretch, base: &Rows, reverse: bool) -> Stretch {
    let (mut begin, mut end) = (stretch.begin.clone(), stretch.end.clone());
    match base.rows.last() {
        Some((last, _)) if base.more && reverse => begin.clone_from(last),
        Some((last, _)) if base.more => end = key_after(last),
        _ => assert!(
            !base.more,
            "a page with more behind it holds at least one row"
        ),
    }
    Stretch {
        begin,
        end,
        is_own: stretch.is_own,
    }
}

impl Page {
    /// Whether the store ended `base` before the limit and the target of bytes that it was given.
    fn is_short(&self, request: &ScanRequest, base: &Rows) -> bool {
        let bytes: usize = base
            .rows
            .iter()
            .map(|(key, value)| key.len() + value.len() + ROW_OVERHEAD_BYTES)
            .sum();
        base.rows.len() < request.limit - self.rows.len()
            && bytes < request.bytes_target - self.bytes
    }

    /// Takes `base` as it is.
    fn take(&mut self, request: &ScanRequest, covered: &mut Stretch, base: Rows) -> bool {
        for (key, value) in base.rows {
            if self.push(request, covered, key, value) {
                return true;
            }
        }
        false
    }

    /// Lays the own writes over `base`, both in the direction of the read. Cuts `covered` to what was
    /// looked at, and says whether the page is full.
    fn merge(
        &mut self,
        request: &ScanRequest,
        overlay: &Overlay,
        covered: &mut Stretch,
        base: Rows,
    ) -> Result<bool, StoreError> {
        let (begin, end) = (covered.begin.clone(), covered.end.clone());
        let is_full = if request.reverse {
            self.merge_in_order(request, overlay.entries(&begin, &end).rev(), covered, base)?
        } else {
            self.merge_in_order(request, overlay.entries(&begin, &end), covered, base)?
        };
        if overlay.may_be_stamped(&covered.begin, &covered.end) {
            return Err(StoreError::new(code::ACCESSED_UNREADABLE));
        }
        Ok(is_full)
    }

    fn merge_in_order<'own>(
        &mut self,
        request: &ScanRequest,
        own: impl Iterator<Item = (&'own [u8], Own<'own>)>,
        covered: &mut Stretch,
        base: Rows,
    ) -> Result<bool, StoreError> {
        let mut base = base.rows.into_iter().peekable();
        let is_before = |a: &[u8], b: &[u8]| if request.reverse { a > b } else { a < b };
        for (key, own) in own {
            while let Some((base_key, value)) =
                base.next_if(|(base_key, _)| is_before(base_key, key))
            {
                if self.push(request, covered, base_key, value) {
                    return Ok(true);
                }
            }
            let under = base
                .next_if(|(base_key, _)| base_key == key)
                .map(|(_, value)| value);
            let value = match own {
                Own::Known(value) => value.map(<[u8]>::to_vec),
                Own::Stacked(operations) => fold(under, operations),
                Own::Nothing => under,
                Own::Unreadable => return Err(StoreError::new(code::ACCESSED_UNREADABLE)),
            };
            if let Some(value) = value
                && self.push(request, covered, key.to_vec(), value)
            {
                return Ok(true);
            }
        }
        Ok(self.take(
            request,
            covered,
            Rows {
                rows: base.collect(),
                more: false,
            },
        ))
    }

    /// Adds a row. If that fills the page, `covered` ends with it.
    fn push(
        &mut self,
        request: &ScanRequest,
        covered: &mut Stretch,
        key: Vec<u8>,
        value: Vec<u8>,
    ) -> bool {
        self.bytes += key.len() + value.len() + ROW_OVERHEAD_BYTES;
        let is_full = self.rows.len() + 1 >= request.limit || self.bytes >= request.bytes_target;
        if is_full && request.reverse {
            covered.begin.clone_from(&key);
        } else if is_full {
            covered.end = key_after(&key);
        }
        self.rows.push((key, value));
        is_full
    }
}
