//! Commits as they were applied, for whoever has to know what the database holds, and why.

use std::mem;

use store::{Mutation, Versionstamp};

use crate::HandleId;

/// A commit that was applied, as far as it concerns who asked for landings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landing {
    /// The commit's place in the global order.
    pub stamp: Versionstamp,
    /// When it was applied.
    pub at_us: u64,
    /// Whose it was; none for a faithful handle.
    pub handle: Option<HandleId>,
    /// Those of its mutations, as they were applied, that are about the keys asked for.
    pub mutations: Vec<Mutation>,
}

/// Where a commit came from, and when it was applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) handle: Option<HandleId>,
    pub(crate) at_us: u64,
}

/// Landings since they were last taken. Keeps nothing before somebody asks.
#[derive(Debug, Default)]
pub(crate) struct Landings {
    prefixes: Vec<Vec<u8>>,
    landed: Vec<Landing>,
}

impl Landings {
    pub(crate) fn watch(&mut self, prefixes: Vec<Vec<u8>>) {
        self.prefixes = prefixes;
    }

    pub(crate) fn note(&mut self, stamp: Versionstamp, origin: Origin, mutations: &[Mutation]) {
        if self.prefixes.is_empty() {
            return;
        }
        let mutations: Vec<_> = mutations
            .iter()
            .filter(|m| self.concerns(m))
            .cloned()
            .collect();
        if !mutations.is_empty() {
            self.landed.push(Landing {
                stamp,
                at_us: origin.at_us,
                handle: origin.handle,
                mutations,
            });
        }
    }

    pub(crate) fn take(&mut self) -> Vec<Landing> {
        mem::take(&mut self.landed)
    }

    fn concerns(&self, mutation: &Mutation) -> bool {
        self.prefixes.iter().any(|prefix| match mutation {
            Mutation::Set { key, .. } | Mutation::Clear { key } | Mutation::Atomic { key, .. } => {
                key.starts_with(prefix)
            }
            Mutation::ClearRange(range) => {
                range.end > *prefix && (range.begin.starts_with(prefix) || range.begin < *prefix)
            }
        })
    }
}
