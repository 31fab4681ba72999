//! Counts what is there.

use std::cell::Cell;

/// One more in a count, for as long as it lives.
pub(super) struct Tally<'a>(&'a Cell<usize>);

impl<'a> Tally<'a> {
    /// Counts one in `count`.
    pub(super) fn one(count: &'a Cell<usize>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Tally<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}
