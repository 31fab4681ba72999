//! How far a selector gets by what the transaction knows already: its own writes, and what reads before it learnt.
//!
//! FoundationDB's client moves the selectors of a range read that far before it asks for anything
//! (`resolveKeySelectorFromCache` in `ReadYourWrites.actor.cpp`). By what it then sees it may not ask at all, or take the two for
//! crossed; so it shows in the version that it reads at and in what it conflicts on.

use crate::selector::key_after;
use crate::{Backend, KeySelector, StoreError};

use super::Session;
use super::overlay::Own;
use super::selectors::{Walk, start_of};
use super::state::State;

/// A selector that was moved as far as is known: to the key that it names, or to the first that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Near {
    /// Where it starts from here.
    pub(super) key: Vec<u8>,
    /// How far it still goes. 1: to the first key at or past `key`.
    pub(super) offset: i64,
    /// The same, but if the keys ended before it did: what was left of the offset then.
    pub(super) left: i64,
    /// Whether it is known that `key` is there.
    pub(super) is_row: bool,
}

impl Near {
    /// `selector`, not moved.
    pub(super) fn start(selector: &KeySelector) -> Self {
        let offset = i64::from(selector.offset);
        Self {
            key: start_of(selector),
            offset,
            left: offset,
            is_row: false,
        }
    }

    /// Whether the keys ended before it did.
    pub(super) fn is_clamped(&self) -> bool {
        self.offset != self.left
    }

    /// The selector for what is left to go.
    pub(super) fn selector(&self) -> KeySelector {
        let offset = i32::try_from(self.offset).expect("an offset only comes closer to 1");
        KeySelector {
            offset,
            ..KeySelector::first_greater_or_equal(self.key.clone())
        }
    }

    /// Goes on to `to`, past so many keys, since no more is known; if the keys end there, it ends there too.
    fn go_on(&mut self, to: Vec<u8>, passed: i64, last: &[u8]) {
        self.left -= passed;
        self.offset = if to != self.key && to == last {
            1
        } else {
            self.left
        };
        self.key = to;
    }

    /// It names a key: `key`, or the next one.
    fn arrive(&mut self, key: Vec<u8>, is_row: bool) {
        (self.offset, self.left) = (1, 1);
        (self.key, self.is_row) = (key, is_row);
    }
}

impl<B: Backend> Session<B> {
    /// `selector`, moved as far as is known.
    pub(super) async fn near(
        &self,
        selector: &KeySelector,
        snapshot: bool,
    ) -> Result<Near, StoreError> {
        let mut near = Near::start(selector);
        if !self.state.borrow_mut().knows_any(snapshot) {
            return Ok(near);
        }
        match near.offset {
            ..1 => self.move_back(&mut near, snapshot).await?,
            1 => {}
            2.. => self.move_forwards(&mut near, snapshot).await?,
        }
        if near.offset == 1 && !near.is_clamped() && !near.is_row {
            self.skip_empty(&mut near, snapshot).await?;
        }
        Ok(near)
    }

    async fn move_forwards(&self, near: &mut Near, snapshot: bool) -> Result<(), StoreError> {
        let steps = near.offset - 1;
        let to = self.known_end(&near.key, steps, snapshot);
        let mut keys = self.known_keys(&near.key, &to, steps, snapshot).await?;
        let passed = keys.len() as i64;
        match keys.pop().filter(|_| passed == steps) {
            Some(last) => near.arrive(key_after(&last), false),
            None => near.go_on(to, passed, self.readable_end()),
        }
        Ok(())
    }

    async fn move_back(&self, near: &mut Near, snapshot: bool) -> Result<(), StoreError> {
        let steps = near.offset - 1;
        let from = self.known_begin(&near.key, -steps, snapshot);
        let mut keys = self.known_keys(&from, &near.key, steps, snapshot).await?;
        // FoundationDB's client does not count it: that a selector leads there, or past it, is one to it.
        keys.pop_if(|key| key.is_empty());
        let passed = -(keys.len() as i64);
        match keys.pop().filter(|_| passed == steps) {
            Some(last) => near.arrive(last, true),
            None => near.go_on(from, passed, b""),
        }
        Ok(())
    }

    /// Moves `near` to the next key that is there, as far as is known.
    async fn skip_empty(&self, near: &mut Near, snapshot: bool) -> Result<(), StoreError> {
        let to = self.known_end(&near.key, 1, snapshot);
        match self.known_keys(&near.key, &to, 1, snapshot).await?.pop() {
            Some(key) => near.arrive(key, true),
            None if to.as_slice() < self.readable_end() => near.key = to,
            None => {}
        }
        Ok(())
    }

    fn known_end(&self, begin: &[u8], rows: i64, snapshot: bool) -> Vec<u8> {
        self.state.borrow_mut().known_end(begin, rows, snapshot)
    }

    fn known_begin(&self, end: &[u8], rows: i64, snapshot: bool) -> Vec<u8> {
        self.state.borrow_mut().known_begin(end, rows, snapshot)
    }

    /// The first keys from `begin` to before `end`, all of which is known: up to `steps`, or so many of the last ones if negative.
    async fn known_keys(
        &self,
        begin: &[u8],
        end: &[u8],
        steps: i64,
        snapshot: bool,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        if begin >= end {
            return Ok(Vec::new());
        }
        let walk = Walk {
            range: begin.to_vec()..end.to_vec(),
            steps: steps.abs(),
            backwards: steps < 0,
            learns: false,
        };
        self.walk(walk, snapshot).await
    }
}

impl<S> State<S> {
    /// Whether anything may be known.
    fn knows_any(&mut self, snapshot: bool) -> bool {
        self.mirror.is_some() || self.index_own_writes(snapshot)
    }

    /// Where it ends that all keys from `begin` on are known, or behind `rows` own ones: no more is asked for.
    fn known_end(&mut self, begin: &[u8], mut rows: i64, snapshot: bool) -> Vec<u8> {
        let space_end = self.options.readable_end;
        let sees_own = self.index_own_writes(snapshot);
        let mut at = begin.to_vec();
        while at.as_slice() < space_end && rows > 0 {
            let (own, to) = match sees_own {
                true => self.overlay.stretch_from(&at, space_end),
                false => (Own::Nothing, space_end.to_vec()),
            };
            let mirror = self.mirror.as_ref();
            rows -= i64::from(matches!(own, Own::Known(Some(_))));
            at = match (own, mirror.and_then(|mirror| mirror.read.end_around(&at))) {
                (Own::Known(_), _) => to,
                (Own::Nothing | Own::Stacked(_), Some(end)) => to.min(end.to_vec()),
                _ => break,
            };
        }
        at
    }

    /// The same downwards, for the keys before `end`.
    fn known_begin(&mut self, end: &[u8], mut rows: i64, snapshot: bool) -> Vec<u8> {
        let sees_own = self.index_own_writes(snapshot);
        let mut at = end.to_vec();
        while !at.is_empty() && rows > 0 {
            let (own, from) = match sees_own {
                true => self.overlay.stretch_before(&at),
                false => (Own::Nothing, Vec::new()),
            };
            let mirror = self.mirror.as_ref();
            rows -= i64::from(matches!(own, Own::Known(Some(_))));
            at = match (own, mirror.and_then(|mirror| mirror.read.begin_before(&at))) {
                (Own::Known(_), _) => from,
                (Own::Nothing | Own::Stacked(_), Some(begin)) => from.max(begin.to_vec()),
                _ => break,
            };
        }
        at
    }
}

/// `RYWIterator::typeMap` in FoundationDB's `RYWIterator.cpp`: what makes a key known.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AtomicOp, KeyRange};

    /// b, d, f and h are own; d rests on what was there. Read: from b to e, and g.
    fn state() -> State<()> {
        let mut state = State::new(0);
        state.mirror = Some(Box::default());
        state.learn(b"b", b"e");
        state.learn_key(b"g");
        state.clear_range(&KeyRange::new("e", "g"));
        for key in [b"b", b"f", b"h"] {
            state.set(key, b"own");
        }
        state.atomic(AtomicOp::Add, b"d", &[1]);
        state
    }

    #[track_caller]
    fn check(from: &str, rows: i64, expected: &str) {
        let end = state().known_end(from.as_bytes(), rows, false);
        assert_eq!(end.escape_ascii().to_string(), expected);
    }

    #[track_caller]
    fn check_back(from: &str, rows: i64, expected: &str) {
        let begin = state().known_begin(from.as_bytes(), rows, false);
        assert_eq!(begin.escape_ascii().to_string(), expected);
    }

    #[test]
    fn what_was_read_or_written_blindly_is_known() {
        check("b", 9, "g\\x00");
        check("a", 9, "a");
        check("g", 9, "g\\x00");
        check("h", 9, "h\\x00");
        check_back("g\0", 9, "b");
        check_back("i", 9, "i");
        check_back("h\0", 9, "h");
    }

    #[test]
    fn no_more_is_looked_at_than_is_asked_for() {
        check("b", 1, "b\\x00");
        check("b", 2, "f\\x00");
        check_back("g", 1, "f");
    }

    #[test]
    fn own_writes_that_are_not_seen_make_nothing_known() {
        let mut state = state();
        state.options.snapshot_ryw = 0;
        assert_eq!(state.known_end(b"b", 9, true), b"e");
        assert_eq!(state.known_end(b"h", 9, true), b"h");
    }
}
