//! The parts of a leaderboard: blocks of places, and groups of blocks.

use super::BoardKey;
use crate::PlayerId;

/// Places of a block at most; then it splits in two.
const BLOCK_PLACES_MAX: usize = 512;

/// Two neighbours that have no more places than this become one.
const BLOCK_PLACES_MERGE: usize = BLOCK_PLACES_MAX / 2;

/// Places for which a block makes room at a time: what it may waste.
const BLOCK_PLACES_GROWTH: usize = 16;

/// Blocks of a group at most; then it splits in two.
const GROUP_BLOCKS_MAX: usize = 256;

const _: () = assert!(
    BLOCK_PLACES_MERGE < BLOCK_PLACES_MAX,
    "what was merged must not split at once"
);

/// Some consecutive places, sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    places: Vec<(BoardKey, PlayerId)>,
    /// Bytes that the players' ids take outside of the places.
    id_bytes: usize,
}

impl Block {
    fn find(&self, key: &BoardKey) -> Result<usize, usize> {
        self.places.binary_search_by(|(place, _)| place.cmp(key))
    }

    fn last(&self) -> Option<&BoardKey> {
        self.places.last().map(|(key, _)| key)
    }

    fn insert(&mut self, key: BoardKey, player: PlayerId) -> Option<PlayerId> {
        self.id_bytes += player.heap_bytes();
        match self.find(&key) {
            Ok(at) => {
                let before = self
                    .places
                    .get_mut(at)
                    .map(|(_, taken)| std::mem::replace(taken, player))?;
                self.id_bytes -= before.heap_bytes();
                Some(before)
            }
            Err(at) => {
                if self.places.len() == self.places.capacity() {
                    self.places.reserve_exact(BLOCK_PLACES_GROWTH);
                }
                self.places.insert(at, (key, player));
                None
            }
        }
    }

    fn remove(&mut self, key: &BoardKey) -> Option<PlayerId> {
        let at = self.find(key).ok()?;
        let (_, player) = self.places.remove(at);
        self.id_bytes -= player.heap_bytes();
        if self.places.capacity() - self.places.len() > 2 * BLOCK_PLACES_GROWTH {
            self.places
                .shrink_to(self.places.len() + BLOCK_PLACES_GROWTH);
        }
        Some(player)
    }

    fn split(&mut self) -> Self {
        let places = self.places.split_off(self.places.len() / 2);
        self.places.shrink_to_fit();
        let id_bytes = places.iter().map(|(_, player)| player.heap_bytes()).sum();
        self.id_bytes -= id_bytes;
        Self { places, id_bytes }
    }

    fn absorb(&mut self, mut next: Self) {
        self.places.reserve_exact(next.places.len());
        self.places.append(&mut next.places);
        self.id_bytes += next.id_bytes;
    }

    fn heap_bytes(&self) -> usize {
        self.places.capacity() * size_of::<(BoardKey, PlayerId)>() + self.id_bytes
    }
}

/// Some consecutive blocks. Only the block of an empty board may be empty.
#[derive(Clone, Debug)]
pub(super) struct Group {
    blocks: Vec<Block>,
    len: u64,
}

impl Group {
    pub(super) fn of(block: Block) -> Self {
        let len = block.places.len() as u64;
        Self {
            blocks: vec![block],
            len,
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn last(&self) -> Option<&BoardKey> {
        self.blocks.last().and_then(Block::last)
    }

    /// How many places are before this one.
    pub(super) fn before(&self, key: &BoardKey) -> u64 {
        let at = self.block_of(key);
        let before: usize = self
            .blocks
            .iter()
            .take(at)
            .map(|block| block.places.len())
            .sum();
        let within = self
            .blocks
            .get(at)
            .map_or(0, |block| block.find(key).unwrap_or_else(|at| at));
        (before + within) as u64
    }

    pub(super) fn insert(&mut self, key: BoardKey, player: PlayerId) -> Option<PlayerId> {
        let at = self.block_of(&key).min(self.blocks.len().saturating_sub(1));
        let block = self.blocks.get_mut(at)?;
        let before = block.insert(key, player);
        self.len += u64::from(before.is_none());
        if block.places.len() > BLOCK_PLACES_MAX {
            let half = block.split();
            self.blocks.insert(at + 1, half);
        }
        before
    }

    pub(super) fn remove(&mut self, key: &BoardKey) -> Option<PlayerId> {
        let at = self.block_of(key);
        let player = self.blocks.get_mut(at)?.remove(key)?;
        self.len -= 1;
        self.merge(at);
        Some(player)
    }

    pub(super) fn split_if_full(&mut self) -> Option<Self> {
        if self.blocks.len() <= GROUP_BLOCKS_MAX {
            return None;
        }
        let blocks = self.blocks.split_off(self.blocks.len() / 2);
        let len = blocks.iter().map(|block| block.places.len() as u64).sum();
        self.len -= len;
        Some(Self { blocks, len })
    }

    /// Adds places to a page until it has `limit`, leaving the first ones out.
    pub(super) fn page(&self, skip: u64, limit: usize, page: &mut Vec<(BoardKey, PlayerId)>) {
        let mut skip = usize::try_from(skip).unwrap_or(usize::MAX);
        for block in &self.blocks {
            let room = limit - page.len().min(limit);
            if room == 0 {
                return;
            }
            page.extend(block.places.iter().skip(skip).take(room).cloned());
            skip = skip.saturating_sub(block.places.len());
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let blocks = self.blocks.capacity() * size_of::<Block>();
        blocks + self.blocks.iter().map(Block::heap_bytes).sum::<usize>()
    }

    /// The first block whose last place is not before this one.
    fn block_of(&self, key: &BoardKey) -> usize {
        self.blocks
            .partition_point(|block| block.last().is_some_and(|last| last < key))
    }

    /// Drops a block that shrank to nothing, or joins it with a neighbour if both are small; so blocks stay at least a
    /// quarter full on average, whatever comes and goes.
    fn merge(&mut self, at: usize) {
        if self.blocks.len() > 1
            && self
                .blocks
                .get(at)
                .is_some_and(|block| block.places.is_empty())
        {
            self.blocks.remove(at);
            return;
        }
        for first in [at.saturating_sub(1), at] {
            let small = match self.blocks.get(first..first + 2) {
                Some([a, b]) => a.places.len() + b.places.len() <= BLOCK_PLACES_MERGE,
                _ => false,
            };
            if small {
                let next = self.blocks.remove(first + 1);
                if let Some(block) = self.blocks.get_mut(first) {
                    block.absorb(next);
                }
                return;
            }
        }
    }
}
