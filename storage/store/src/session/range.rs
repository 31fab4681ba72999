//! Range reads: where they begin and end, and their page.

use std::ops::ControlFlow;

use crate::limits::PAGE_BYTES_MAX;
use crate::{Backend, KeySelector, RangeRead, Rows, StoreError};

use super::Session;
use super::near::Near;
use super::range_conflict::Answered;
use super::reach::{Reach, Resolved, Selected};
use super::scan::ScanRequest;
use super::selectors::{Bound, start_of};
use super::state::State;
use super::write::check_bound;

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
        match self.reads_own_writes() {
            true => self.read_over_own(epoch, read, snapshot).await,
            false => self.read_through(epoch, read, snapshot).await,
        }
    }

    async fn read_over_own(
        &self,
        epoch: u64,
        read: &RangeRead,
        snapshot: bool,
    ) -> Result<Rows, StoreError> {
        let (rows, reach) = match read.begin.offset == 1 && read.end.offset == 1 {
            true => (self.page_between(read, snapshot).await?, Reach::default()),
            false => self.read_selected(read, snapshot).await?,
        };
        self.answer(epoch, read, rows, reach, snapshot)
    }

    /// The page of a range whose selectors name the next key: it is looked up with the rows.
    async fn page_between(&self, read: &RangeRead, snapshot: bool) -> Result<Rows, StoreError> {
        let begin = self
            .bound(&Near::start(&read.begin), true, snapshot)
            .await?;
        let end = self.bound(&Near::start(&read.end), true, snapshot).await?;
        self.page(read, &begin, &end, snapshot).await
    }

    /// The page of any range, and the ends of the keys that it found. The steps are those of `getRangeValue` and
    /// `getRangeValueBack` in FoundationDB's `ReadYourWrites.actor.cpp`.
    async fn read_selected(
        &self,
        read: &RangeRead,
        snapshot: bool,
    ) -> Result<(Rows, Reach), StoreError> {
        let selected = Selected {
            begin: self.near(&read.begin, snapshot).await?,
            end: self.near(&read.end, snapshot).await?,
            reverse: read.reverse,
            space_end: self.readable_end(),
        };
        if let Some(reach) = selected.surely_empty() {
            return Ok((Rows::default(), reach));
        }
        let found = match selected.is_crossed() {
            true => selected.look_at_far(&self.named(&selected.far().selector(), snapshot).await?),
            false => ControlFlow::Continue(selected.found()),
        };
        let found = match found {
            ControlFlow::Continue(found) => found,
            ControlFlow::Break(reach) => return Ok((Rows::default(), reach)),
        };
        let begin = self.bound(&selected.begin, !read.reverse, snapshot).await?;
        let end = self.bound(&selected.end, read.reverse, snapshot).await?;
        let rows = self.page(read, &begin, &end, snapshot).await?;
        if !rows.more {
            self.learn_far_side(selected.far(), read.reverse, &begin, &end);
        }
        let resolved = Resolved {
            begin: &begin,
            end: &end,
            reverse: read.reverse,
            found,
        };
        let reach = resolved.reach(rows.more);
        Ok((rows, reach))
    }

    /// What was walked on the side where the read ends is in the cache of FoundationDB's client only if the page got there.
    fn learn_far_side(&self, near: &Near, reverse: bool, begin: &Bound, end: &Bound) {
        let found = if reverse { &begin.key } else { &end.key };
        let (from, to) = (found.min(&near.key), found.max(&near.key));
        self.state.borrow_mut().learn(from, to);
    }

    /// Without read-your-writes. A reverse read whose end goes forwards looks that up by itself, as FoundationDB's client does
    /// (`readThrough`), and so conflicts on the way there.
    async fn read_through(
        &self,
        epoch: u64,
        read: &RangeRead,
        snapshot: bool,
    ) -> Result<Rows, StoreError> {
        let mut read = read.clone();
        if read.reverse && read.end.offset > 1 {
            let end = self.read_selector(&read.end, snapshot).await?;
            read.end = KeySelector::first_greater_or_equal(end);
        }
        let begin = self
            .bound(&Near::start(&read.begin), true, snapshot)
            .await?;
        let end = self.bound(&Near::start(&read.end), true, snapshot).await?;
        let rows = self.page(&read, &begin, &end, snapshot).await?;
        let is_empty = begin.key >= end.key;
        let reach = Reach {
            to_begin: begin.is_before_all() && !is_empty && !(read.reverse && rows.more),
            to_end: end.is_past_all() && !is_empty && !rows.more,
        };
        self.answer(epoch, &read, rows, reach, snapshot)
    }

    /// Adds what `rows` rest on, and hands them out.
    fn answer(
        &self,
        epoch: u64,
        read: &RangeRead,
        rows: Rows,
        reach: Reach,
        snapshot: bool,
    ) -> Result<Rows, StoreError> {
        if !snapshot {
            let answered = Answered {
                read,
                rows: &rows,
                reach,
            };
            let (begin, end) = match self.reads_own_writes() {
                true => answered.conflict_range(self.readable_end()),
                false => answered.plain_conflict_range(self.readable_end()),
            };
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
            learns: true,
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
