//! A set of keys made of ranges that do not meet.

use std::collections::BTreeMap;
use std::ops::Bound;

/// Disjoint ranges, by where they begin.
#[derive(Clone, Debug, Default)]
pub(super) struct RangeSet {
    ends: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl RangeSet {
    /// Adds the keys from `begin` to before `end`.
    pub(super) fn insert(&mut self, begin: &[u8], end: &[u8]) {
        if begin >= end {
            return;
        }
        let (mut begin, mut end) = (begin.to_vec(), end.to_vec());
        while let Some((met_begin, met_end)) = self.last_up_to(&end) {
            if met_end < begin.as_slice() {
                break;
            }
            let met_begin = met_begin.to_vec();
            let met_end = self
                .ends
                .remove(&met_begin)
                .expect("the range was just found");
            begin = begin.min(met_begin);
            end = end.max(met_end);
        }
        self.ends.insert(begin, end);
    }

    /// Removes the keys from `begin` to before `end`.
    pub(super) fn remove(&mut self, begin: &[u8], end: &[u8]) {
        if begin >= end {
            return;
        }
        while let Some((met_begin, met_end)) = self.last_below(end) {
            if met_end <= begin {
                break;
            }
            let met_begin = met_begin.to_vec();
            let met_end = self
                .ends
                .remove(&met_begin)
                .expect("the range was just found");
            if met_end.as_slice() > end {
                self.ends.insert(end.to_vec(), met_end);
            }
            if met_begin.as_slice() < begin {
                self.ends.insert(met_begin, begin.to_vec());
            }
        }
    }

    /// Whether `key` is in the set.
    pub(super) fn contains(&self, key: &[u8]) -> bool {
        self.last_up_to(key).is_some_and(|(_, end)| key < end)
    }

    /// Whether every key from `begin` to before `end` is in the set.
    pub(super) fn covers(&self, begin: &[u8], end: &[u8]) -> bool {
        begin >= end || self.last_up_to(begin).is_some_and(|(_, to)| end <= to)
    }

    /// Where the range ends that holds `key`.
    pub(super) fn end_around(&self, key: &[u8]) -> Option<&[u8]> {
        self.last_up_to(key)
            .map(|(_, end)| end)
            .filter(|end| key < *end)
    }

    /// Where the range begins that holds the keys right before `key`.
    pub(super) fn begin_before(&self, key: &[u8]) -> Option<&[u8]> {
        self.last_below(key)
            .filter(|(_, end)| key <= *end)
            .map(|(begin, _)| begin)
    }

    /// The first range that ends after `key`.
    pub(super) fn first_ending_after(&self, key: &[u8]) -> Option<(&[u8], &[u8])> {
        self.last_up_to(key)
            .filter(|(_, end)| key < *end)
            .or_else(|| {
                let from = (Bound::Excluded(key), Bound::Unbounded);
                self.ends
                    .range::<[u8], _>(from)
                    .next()
                    .map(|(begin, end)| (begin.as_slice(), end.as_slice()))
            })
    }

    /// The last range that begins before `key`.
    pub(super) fn last_below(&self, key: &[u8]) -> Option<(&[u8], &[u8])> {
        let below = (Bound::Unbounded, Bound::Excluded(key));
        self.ends
            .range::<[u8], _>(below)
            .next_back()
            .map(|(begin, end)| (begin.as_slice(), end.as_slice()))
    }

    /// Whether some key from `begin` to before `end` is in the set.
    pub(super) fn meets(&self, begin: &[u8], end: &[u8]) -> bool {
        self.last_below(end)
            .is_some_and(|(_, met_end)| begin < met_end)
    }

    /// The ranges, in order; no two touch.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.ends
            .iter()
            .map(|(begin, end)| (begin.as_slice(), end.as_slice()))
    }

    fn last_up_to(&self, key: &[u8]) -> Option<(&[u8], &[u8])> {
        let up_to = (Bound::Unbounded, Bound::Included(key));
        self.ends
            .range::<[u8], _>(up_to)
            .next_back()
            .map(|(begin, end)| (begin.as_slice(), end.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn agrees_with_a_set_of_single_keys() {
        for seed in 0..200 {
            let mut dice = Dice::new(seed);
            let mut set = RangeSet::default();
            let mut model = [false; 32];
            for _ in 0..40 {
                let (a, b) = (dice.index(33), dice.index(33));
                let (from, to) = (a.min(b), a.max(b));
                let insert = dice.one_in(2);
                if insert {
                    set.insert(&[from as u8], &[to as u8]);
                } else {
                    set.remove(&[from as u8], &[to as u8]);
                }
                model[from..to].fill(insert);
                check(&set, &model, seed);
            }
        }
    }

    fn check(set: &RangeSet, model: &[bool; 32], seed: u64) {
        let runs = set.ends.iter().collect::<Vec<_>>();
        assert!(
            runs.windows(2).all(|pair| pair[0].1 < pair[1].0),
            "seed {seed}: apart, else merged"
        );
        for key in 0..32u8 {
            let inside = model[usize::from(key)];
            assert_eq!(set.contains(&[key]), inside, "seed {seed}, key {key}");
            assert_eq!(
                set.meets(&[key], &[key + 1]),
                inside,
                "seed {seed}, key {key}"
            );
            let run = (key..32)
                .take_while(|next| model[usize::from(*next)])
                .count() as u8;
            assert!(set.covers(&[key], &[key + run]), "seed {seed}, key {key}");
            assert!(
                !set.covers(&[key], &[key + run + 1]),
                "seed {seed}, key {key}"
            );
            let end = set.end_around(&[key]).map(|end| end[0]);
            assert_eq!(end, inside.then_some(key + run), "seed {seed}, key {key}");
            let run_before = model[..usize::from(key)].iter().rev();
            let run_before = run_before.take_while(|inside| **inside).count() as u8;
            let begin = set.begin_before(&[key]).map(|begin| begin[0]);
            let expected = (run_before > 0).then_some(key - run_before);
            assert_eq!(begin, expected, "seed {seed}, key {key}");
            let next = (key..32).find(|next| model[usize::from(*next)]);
            let found = set
                .first_ending_after(&[key])
                .map(|(begin, _)| begin[0].max(key));
            assert_eq!(found, next, "seed {seed}, key {key}");
        }
    }
}
