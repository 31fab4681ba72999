//! Which clues somebody solved, as bits on the stack: what unlock rules are asked against.

use crate::{Index, Millis, Unlock, limits::CLUES_MAX};

const WORDS: usize = CLUES_MAX.div_ceil(64);

/// A set of clues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClueSet([u64; WORDS]);

impl ClueSet {
    /// Puts a clue in; one past the limit is left out.
    pub(crate) fn insert(&mut self, clue: Index) {
        if let Some(word) = self.0.get_mut(usize::from(clue) / 64) {
            *word |= 1 << (clue % 64);
        }
    }

    /// A clue is in it.
    pub(crate) fn contains(&self, clue: Index) -> bool {
        self.0
            .get(usize::from(clue) / 64)
            .is_some_and(|word| word & (1 << (clue % 64)) != 0)
    }

    /// Who solved this set can see a clue with this unlock.
    pub(crate) fn unlocks(&self, unlock: &Unlock, now: Millis) -> bool {
        match unlock {
            Unlock::Open => true,
            Unlock::At(at) => now >= *at,
            Unlock::After(of) => of.iter().all(|clue| self.contains(*clue)),
            Unlock::Any { count, of } => {
                of.iter().filter(|clue| self.contains(**clue)).count() >= usize::from(*count)
            }
        }
    }
}

impl FromIterator<Index> for ClueSet {
    fn from_iter<I: IntoIterator<Item = Index>>(clues: I) -> Self {
        let mut set = Self::default();
        clues.into_iter().for_each(|clue| set.insert(clue));
        set
    }
}
