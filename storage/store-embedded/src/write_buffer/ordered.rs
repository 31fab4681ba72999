//! Keys of several runs in one order.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::arena::{Arena, At};

/// Goes through runs that are in order each, and have no key in common.
pub(super) struct Ordered<'a> {
    arena: &'a Arena,
    /// Keys by themselves.
    loose: Vec<&'a [u8]>,
    runs: Vec<&'a [At]>,
    /// The next key of each run, and of the loose ones.
    heads: BinaryHeap<Head<'a>>,
    reverse: bool,
}

/// The next key of a run; the greatest is whose turn it is.
#[derive(PartialEq, Eq)]
struct Head<'a> {
    key: &'a [u8],
    /// None is the loose keys.
    run: Option<usize>,
    reverse: bool,
}

impl Ord for Head<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.key.cmp(other.key);
        if self.reverse { order } else { order.reverse() }
    }
}

impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<'a> Ordered<'a> {
    /// Goes through `loose` keys in order and the runs of `arena`; backwards if `reverse`.
    pub(super) fn new(
        arena: &'a Arena,
        mut loose: Vec<&'a [u8]>,
        runs: impl Iterator<Item = &'a [At]>,
        reverse: bool,
    ) -> Self {
        if !reverse {
            loose.reverse();
        }
        let runs: Vec<&[At]> = runs.collect();
        let mut ordered = Self {
            arena,
            loose,
            heads: BinaryHeap::with_capacity(runs.len() + 1),
            runs,
            reverse,
        };
        (0..ordered.runs.len()).for_each(|run| ordered.advance(Some(run)));
        ordered.advance(None);
        ordered
    }

    fn advance(&mut self, run: Option<usize>) {
        let key = match run {
            Some(run) if self.reverse => self.runs[run].split_off_last(),
            Some(run) => self.runs[run].split_off_first(),
            None => {
                let key = self.loose.pop();
                return self.wait_turn(key, None);
            }
        };
        self.wait_turn(key.map(|&at| self.arena.key(at)), run);
    }

    fn wait_turn(&mut self, key: Option<&'a [u8]>, run: Option<usize>) {
        let reverse = self.reverse;
        self.heads.extend(key.map(|key| Head { key, run, reverse }));
    }
}

impl<'a> Iterator for Ordered<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let head = self.heads.pop()?;
        self.advance(head.run);
        Some(head.key)
    }
}
