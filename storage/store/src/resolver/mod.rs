//! Who conflicts with whom: the write ranges of the last few seconds, asked by every commit.
//!
//! ```text
//!  oldest                                                            newest
//!    │ generation │ generation │ generation │ … │ current generation │
//!    └─ dropped whole once the window has passed it          writes ─┘
//! ```
//!
//! FoundationDB keeps one skip list from key to the newest version written there, and prunes it bit by
//! bit. Here the window is cut into generations by version instead. A read at version `r` only asks the
//! generations that hold something newer than `r` (mostly one), the first overlap in a generation that is
//! newer as a whole is the answer, and pruning drops the oldest generation in one piece. A single key is
//! found by its hash.

mod generation;
mod points;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use crate::limits::{RESOLVER_BYTES_MAX, RESOLVER_GENERATIONS, WINDOW_VERSIONS};
use crate::{CommitRequest, ConflictRange, KeyRange, StoreError, Version, code};

use generation::Generation;

/// What the resolver says about one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing it read was written since; its writes now count against others.
    Committed,
    /// Something it read was written after its read version: 1020.
    Conflict,
    /// Its read version is older than the history: 1007.
    TooOld,
}

/// The history of writes over the window. Its memory is bounded by [`RESOLVER_BYTES_MAX`]: past it, the
/// window gets shorter, and transactions that are too slow for it get 1007.
#[derive(Debug)]
pub struct Resolver {
    /// Oldest first; never empty.
    generations: VecDeque<Generation>,
    /// Writes up to this version are forgotten.
    oldest: Version,
    newest: Version,
    window: Version,
    bytes_max: usize,
    seed: u64,
}

impl Resolver {
    /// A resolver that knows of no write, for a store whose newest version is `newest`. What was read
    /// before is too old. No verdict depends on `seed`: it keeps those who choose keys from choosing some
    /// whose hashes collide.
    pub fn new(newest: Version, seed: u64) -> Self {
        Self::with_limits(newest, seed, WINDOW_VERSIONS, RESOLVER_BYTES_MAX)
    }

    pub(crate) fn with_limits(
        newest: Version,
        seed: u64,
        window: Version,
        bytes_max: usize,
    ) -> Self {
        let generations = VecDeque::from([Generation::new(seed)]);
        Self {
            generations,
            oldest: newest,
            newest,
            window,
            bytes_max,
            seed,
        }
    }

    /// Read versions below this one are too old.
    pub fn oldest(&self) -> Version {
        self.oldest
    }

    /// Changes how many versions a read may be old. What was forgotten stays forgotten.
    pub fn set_window(&mut self, window: Version) {
        self.window = window;
    }

    /// The bytes that the history takes, about.
    pub fn size_bytes(&self) -> usize {
        self.generations.iter().map(Generation::size_bytes).sum()
    }

    /// Decides a batch that commits at `version`, in order: an earlier one that commits conflicts with
    /// the reads of a later one. Versions must grow from batch to batch.
    pub fn resolve<'a>(
        &mut self,
        version: Version,
        batch: impl IntoIterator<Item = &'a CommitRequest>,
    ) -> Vec<Verdict> {
        self.advance(version);
        batch
            .into_iter()
            .map(|request| self.resolve_next(request))
            .collect()
    }

    /// Opens the batch of `version` and forgets what has left the window.
    pub fn advance(&mut self, version: Version) {
        assert!(
            version > self.newest,
            "commit versions grow: {version} after {}",
            self.newest
        );
        self.newest = version;
        self.oldest = self.oldest.max(version - self.window);
        self.rotate();
        self.prune();
    }

    /// Decides the next request of the batch opened by [`Resolver::advance`].
    pub fn resolve_next(&mut self, request: &CommitRequest) -> Verdict {
        if request.read_version < self.oldest && !request.read_conflicts.is_empty() {
            return Verdict::TooOld;
        }
        let mut reads = request.read_conflicts.iter();
        if reads.any(|range| self.is_written_after(range, request.read_version)) {
            return Verdict::Conflict;
        }
        let version = self.newest;
        let current = self.current();
        for range in request.write_conflicts.iter() {
            current.insert(range, version);
        }
        Verdict::Committed
    }

    /// What the commit of `request` is told when it met a conflict.
    pub fn conflict(&mut self, request: &CommitRequest) -> StoreError {
        if !request.reports_conflicts {
            return StoreError::new(code::NOT_COMMITTED);
        }
        let met = request
            .read_conflicts
            .iter()
            .filter(|range| self.is_written_after(*range, request.read_version))
            .map(|range| KeyRange::new(range.begin, range.end));
        StoreError::conflicting_on(met.collect())
    }

    fn is_written_after(&mut self, range: ConflictRange<'_>, read_version: Version) -> bool {
        let newest_first = self.generations.iter_mut().rev();
        newest_first
            .take_while(|generation| generation.is_empty() || generation.last() > read_version)
            .any(|generation| generation.is_written_after(range, read_version))
    }

    fn current(&mut self) -> &mut Generation {
        self.generations
            .back_mut()
            .expect("a resolver always has a current generation")
    }

    /// Starts a new generation once the current one has its share of the window or of the memory.
    fn rotate(&mut self) {
        let share = self.window / RESOLVER_GENERATIONS;
        let bytes_share = self.bytes_max / RESOLVER_GENERATIONS as usize;
        let newest = self.newest;
        let current = self.current();
        if !current.is_empty()
            && (newest - current.first() >= share || current.size_bytes() >= bytes_share)
        {
            current.end();
            self.generations.push_back(Generation::new(self.seed));
        }
    }

    fn prune(&mut self) {
        let mut size_bytes = self.size_bytes();
        while self.generations.len() > 1 {
            let front = &self.generations[0];
            if front.last() > self.oldest && size_bytes <= self.bytes_max {
                break;
            }
            size_bytes -= front.size_bytes();
            self.oldest = self.oldest.max(front.last());
            self.generations.pop_front();
        }
    }
}
