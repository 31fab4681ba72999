//! A bounded map that forgets what was not used for longest, roughly: two generations, and what is used moves to the
//! younger one. When the younger is half of the limit, the older is dropped whole. No list, no clock, no scan.

use std::borrow::Borrow;
use std::hash::Hash;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

type Map<K, V> = HashMap<K, V, FixedState>;

/// A map of at most so many entries.
pub(super) struct Generations<K, V> {
    young: Map<K, V>,
    old: Map<K, V>,
    half: usize,
}

impl<K: Eq + Hash, V> Generations<K, V> {
    /// An empty map; `seed` keeps outsiders from choosing keys that collide.
    pub(super) fn new(entries_max: usize, seed: u64) -> Self {
        let map = || HashMap::with_hasher(FixedState::with_seed(seed));
        Self {
            young: map(),
            old: map(),
            half: (entries_max / 2).max(1),
        }
    }

    /// The value of a key.
    pub(super) fn get<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        if !self.young.contains_key(key) {
            let (key, value) = self.old.remove_entry(key)?;
            self.insert(key, value);
        }
        self.young.get_mut(key)
    }

    /// Adds or replaces a value.
    pub(super) fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= self.half {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        self.young.insert(key, value);
    }

    /// Forgets a key.
    pub(super) fn remove<Q>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.young.remove(key);
        self.old.remove(key);
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Generations;

    #[test]
    fn keeps_what_is_used_and_never_more_than_its_limit() {
        let mut map = Generations::new(8, 7);
        for i in 0..100_u32 {
            map.insert(i, i);
            assert!(map.len() <= 8, "{} entries", map.len());
            assert_eq!(map.get(&0).copied(), Some(0), "0 is used all the time");
        }
        assert_eq!(map.get(&99).copied(), Some(99));
        assert_eq!(map.get(&50), None);
        map.remove(&99);
        assert_eq!(map.get(&99), None);
    }
}
