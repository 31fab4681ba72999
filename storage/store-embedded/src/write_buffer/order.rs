//! Keys in order: a search tree of two levels.

use super::arena::{Arena, At};

/// A leaf that has so many keys is split. Longer ones cost more to insert into, shorter ones make the upper level longer.
const LEAF_KEYS: usize = 512;

/// Places of entries by their keys, each key once: leaves one behind the other, none of them empty.
#[derive(Debug, Default)]
pub(super) struct Order(Vec<Vec<At>>);

/// Between two keys: before the one with this index in this leaf.
type Gap = (usize, usize);

impl Order {
    /// Adds the entry at `at`, whose key is new.
    pub(super) fn insert(&mut self, arena: &Arena, at: At) {
        let (leaf, index) = self.gap_before(arena, arena.key(at));
        let Some(keys) = self.0.get_mut(leaf) else {
            return self.0.push(Self::leaf([at]));
        };
        if keys.len() < LEAF_KEYS {
            return keys.insert(index, at);
        }
        // Keys that come in order fill their leaves.
        let middle = if index == LEAF_KEYS {
            index
        } else {
            LEAF_KEYS / 2
        };
        let mut right = Self::leaf(keys.drain(middle..));
        match index.checked_sub(middle) {
            Some(index) => right.insert(index, at),
            None => keys.insert(index, at),
        }
        self.0.insert(leaf + 1, right);
    }

    /// The keys in `begin..end`, in order. No end is the end of all.
    pub(super) fn range<'a>(
        &'a self,
        arena: &'a Arena,
        begin: &[u8],
        end: Option<&[u8]>,
    ) -> impl DoubleEndedIterator<Item = &'a [u8]> {
        let (first_leaf, first) = self.gap_before(arena, begin);
        let (last_leaf, last) = match end {
            Some(end) => self.gap_before(arena, end),
            None => (self.0.len(), 0),
        };
        let leaves = first_leaf..self.0.len().min(last_leaf + 1);
        leaves.flat_map(move |leaf| {
            let keys = &self.0[leaf];
            let first = if leaf == first_leaf { first } else { 0 };
            let last = if leaf == last_leaf { last } else { keys.len() };
            let within = keys.get(first..last).unwrap_or_default();
            within.iter().map(|&at| arena.key(at))
        })
    }

    /// The gap before the first key that is not below `key`.
    fn gap_before(&self, arena: &Arena, key: &[u8]) -> Gap {
        let begins_before = |keys: &Vec<At>| keys.first().is_some_and(|&at| arena.key(at) < key);
        let leaf = self.0.partition_point(begins_before).saturating_sub(1);
        let index = match self.0.get(leaf) {
            Some(keys) => keys.partition_point(|&at| arena.key(at) < key),
            None => 0,
        };
        (leaf, index)
    }

    fn leaf(keys: impl IntoIterator<Item = At>) -> Vec<At> {
        let mut leaf = Vec::with_capacity(LEAF_KEYS);
        leaf.extend(keys);
        leaf
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Keys in some order, and a model of them.
    fn filled(keys: impl Iterator<Item = u32>) -> (Arena, Order, BTreeSet<Vec<u8>>) {
        let (mut arena, mut order, mut model) =
            (Arena::default(), Order::default(), BTreeSet::new());
        for key in keys {
            let key = key.to_be_bytes();
            let at = arena.push(None, 1, &key, None);
            order.insert(&arena, at);
            model.insert(key.to_vec());
        }
        (arena, order, model)
    }

    #[test]
    fn ranges_are_those_of_a_set() {
        for step in [1, 3_001, 6_999] {
            let (arena, order, model) = filled((0..7_000).map(|n| n * step % 7_000 * 2));
            let ranges = [
                (0, 14_000),
                (3, 4),
                (4, 4),
                (9, 2),
                (1_021, 1_030),
                (5_000, 90_000),
            ];
            for (begin, end) in ranges {
                let (begin, end) = (u32::to_be_bytes(begin), u32::to_be_bytes(end));
                let found = order.range(&arena, &begin, Some(&end));
                let expected: Vec<_> = match begin < end {
                    true => model.range(begin.to_vec()..end.to_vec()).collect(),
                    false => Vec::new(),
                };
                assert!(found.eq(expected.iter().copied()));
                let backwards = order.range(&arena, &begin, Some(&end)).rev();
                assert!(backwards.eq(expected.into_iter().rev()));
            }
            assert!(order.range(&arena, &[], None).eq(&model));
            let is_leaf = |leaf: &Vec<At>| !leaf.is_empty() && leaf.len() <= LEAF_KEYS;
            assert!(order.0.iter().all(is_leaf));
        }
    }

    #[test]
    fn keys_that_come_in_order_fill_their_leaves() {
        let (arena, order, _) = filled(0..7_000);
        assert_eq!(order.0.len(), 7_000_usize.div_ceil(LEAF_KEYS));
        let (_, empty, _) = filled(0..0);
        assert_eq!(empty.range(&arena, &[], None).count(), 0);
    }
}
