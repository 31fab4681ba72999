//! Range reads: where they begin and end, their page, and the conflict range that it rests on.

use crate::limits::PAGE_BYTES_MAX;
use crate::selector::key_after;
use crate::{Backend, KeySelector, RangeRead, Rows, StoreError};

use super::Session;
use super::scan::ScanRequest;
use super::selectors::{Bound, start_of};
use super::state::State;
use super::write::check_bound;

/// One page and what it rests on.
struct Answered<'a> {
    read: &'a RangeRead,
    rows: &'a Rows,
    /// Whether the keys ended before the selectors did.
    to_begin: bool,
    to_end: bool,
}

impl<B: Backend> Session<B> {
    pub(super) async fn read_range(
        &self,
        read: &RangeRead,
        snapshot: bool,
    ) -> Result<Rows, StoreError> {
        self.check_usable()?;
        let space_end = self.readable_end();
        check_bound(&read.begin.key, space_end)?;
        check_bound(&read.end.key, space_end)?;
        if read.begin.offset >= read.end.offset && start_of(&read.begin) >= start_of(&read.end) {
            return Ok(Rows::default());
        }
        let epoch = self.begin_read();
        if self.reads_own_writes() && is_surely_empty(read, space_end) {
            return self.no_rows(epoch, read, snapshot);
        }
        let begin = self.bound(&read.begin, snapshot).await?;
        let end = self.bound(&read.end, snapshot).await?;
        let is_inverted = begin.key >= end.key && begin.left >= end.left;
        let rows = self.page(read, &begin, &end, snapshot).await?;
        if !snapshot {
            let is_past =
                |tells: fn(&Bound) -> bool| !is_inverted && (tells(&begin) || tells(&end));
            let answered = Answered {
                read,
                rows: &rows,
                to_begin: is_past(Bound::is_before_all) && !(read.reverse && rows.more),
                to_end: is_past(Bound::is_past_all) && (read.reverse || !rows.more),
            };
            let (begin, end) = match self.reads_own_writes() {
                true => answered.conflict_range(space_end),
                false => answered.plain_conflict_range(),
            };
            self.finish_read(epoch, &begin, &end)?;
        }
        Ok(rows)
    }

    /// The answer of a read that asks nothing, not even for a version; a write there conflicts with it all the same.
    fn no_rows(&self, epoch: u64, read: &RangeRead, snapshot: bool) -> Result<Rows, StoreError> {
        let rows = Rows::default();
        if !snapshot {
            let answered = Answered {
                read,
                rows: &rows,
                to_begin: false,
                to_end: false,
            };
            let (begin, end) = answered.conflict_range(self.readable_end());
            self.finish_read(epoch, &begin, &end)?;
        }
        Ok(rows)
    }

    async fn page(
        &self,
        read: &RangeRead,
        begin: &Bound,
        end: &Bound,
        snapshot: bool,
    ) -> Result<Rows, StoreError> {
        let unlimited = |limit: usize, most: usize| if limit == 0 { most } else { limit.min(most) };
        self.scan(ScanRequest {
            begin: begin.key.clone(),
            end: end.key.clone(),
            limit: unlimited(read.limit, usize::MAX),
            bytes_target: unlimited(read.bytes_target, PAGE_BYTES_MAX),
            reverse: read.reverse,
            snapshot,
        })
        .await
    }

    /// The first key that this transaction may not read.
    pub(super) fn readable_end(&self) -> &'static [u8] {
        self.state.borrow().options.readable_end
    }

    /// Notes that something is read; hands out the epoch for [`Session::finish_read`].
    pub(super) fn begin_read(&self) -> u64 {
        let mut state = self.state.borrow_mut();
        state.mark_read();
        state.epoch()
    }

    /// Adds what a read that began in `epoch` rests on, if it may still be used.
    pub(super) fn finish_read(
        &self,
        epoch: u64,
        begin: &[u8],
        end: &[u8],
    ) -> Result<(), StoreError> {
        let mut state = self.state.borrow_mut();
        state.check_reading(epoch)?;
        state.add_read_conflicts(begin, end);
        Ok(())
    }
}

/// Whether the range begins where all keys end, or ends where they begin, by its selectors alone.
fn is_surely_empty(read: &RangeRead, space_end: &[u8]) -> bool {
    let begins_last = read.begin.offset == 1 && start_of(&read.begin).as_slice() >= space_end;
    let ends_first = read.end.offset == 1 && start_of(&read.end).is_empty();
    begins_last || ends_first
}

impl Answered<'_> {
    /// FoundationDB's own: from the selectors' references, as far as a change there could change the page.
    fn conflict_range(&self, space_end: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let (begin, end) = (start_of(&self.read.begin), start_of(&self.read.end));
        let (from, to) = match begin < end {
            false => (end, begin),
            true if self.read.reverse => (
                self.unless_more(self.read.begin.offset <= 1, &end, begin),
                end,
            ),
            true => (
                begin.clone(),
                self.unless_more(self.read.end.offset > 0, &begin, end),
            ),
        };
        let (from, to) = self.widen_to_ends(from, to, space_end);
        self.widen_to_rows(from, to)
    }

    /// As above, but as it is without read-your-writes: another part of FoundationDB's client decides it.
    fn plain_conflict_range(&self) -> (Vec<u8>, Vec<u8>) {
        let Self { read, rows, .. } = self;
        let (begin, end) = (start_of(&read.begin), start_of(&read.end));
        let ends = rows.rows.first().zip(rows.rows.last());
        let (low, high) = match ends.map(|((first, _), (last, _))| (first, last)) {
            Some((first, last)) if read.reverse => (Some(last), Some(first)),
            Some((first, last)) => (Some(first), Some(last)),
            None => (None, None),
        };
        let whole_below =
            read.begin.offset > 0 && (!read.reverse || !rows.more || read.begin.offset > 1);
        let whole_above =
            read.end.offset <= 1 && (read.reverse || !rows.more || read.end.offset <= 0);
        let mut from = match low.filter(|_| !whole_below) {
            _ if begin.is_empty() && read.begin.offset < 1 => Vec::new(),
            Some(low) => low.clone(),
            None => begin.clone(),
        };
        if read.end.offset > read.begin.offset && end < from {
            from.clone_from(&end);
        }
        let mut to = high
            .filter(|_| !whole_above)
            .map_or(end, |high| key_after(high));
        if read.begin.offset < read.end.offset && begin > to {
            to = begin;
        }
        (from, to)
    }

    /// `whole`, but `instead` if the page ended before the range and nothing past it counts.
    fn unless_more(&self, past_does_not_count: bool, instead: &[u8], whole: Vec<u8>) -> Vec<u8> {
        match self.rows.more && past_does_not_count {
            true => instead.to_vec(),
            false => whole,
        }
    }

    fn widen_to_ends(&self, from: Vec<u8>, to: Vec<u8>, space_end: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let reaches = |selector: &KeySelector, forwards: bool| (selector.offset > 0) == forwards;
        let from = match self.to_begin && reaches(&self.read.begin, false) {
            true => Vec::new(),
            false => from,
        };
        let to = match self.to_end && reaches(&self.read.end, true) {
            true => space_end.to_vec(),
            false => to,
        };
        (from, to)
    }

    fn widen_to_rows(&self, from: Vec<u8>, to: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
        let (Some((first, _)), Some((last, _))) = (self.rows.rows.first(), self.rows.rows.last())
        else {
            return (from, to);
        };
        let Self { read, .. } = self;
        let (low, high) = if read.reverse {
            (last, first)
        } else {
            (first, last)
        };
        let counts_low = read.reverse || read.begin.offset <= 0;
        let counts_high = !read.reverse || read.end.offset > 0;
        let from = if counts_low {
            from.min(low.clone())
        } else {
            from
        };
        let to = if counts_high && to <= *high {
            key_after(high)
        } else {
            to
        };
        (from, to)
    }
}

impl<S> State<S> {
    /// Adds the range but for what own writes hide.
    pub(super) fn add_read_conflicts(&mut self, begin: &[u8], end: &[u8]) {
        let before = self.request.read_conflicts.len();
        if self.index_own_writes(false) {
            self.overlay
                .add_conflicts(&mut self.request.read_conflicts, begin, end);
        } else {
            self.request.read_conflicts.add(begin, end);
        }
        let added = self.request.read_conflicts.len().saturating_sub(before);
        (0..added).for_each(|_| self.count_read_conflict(begin.len() + end.len()));
    }

    /// Without read-your-writes FoundationDB's client does not count what reads conflict on.
    pub(super) fn count_read_conflict(&mut self, key_bytes: usize) {
        if self.options.read_your_writes {
            self.count_conflict_range(key_bytes);
        }
    }
}
