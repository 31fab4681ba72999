//! Every value within the window, by key and version.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

use store::{Rows, Scan, Version};

use crate::key::Key;

/// What a key was set to at one version; none if it was cleared.
#[derive(Debug)]
struct Change {
    version: Version,
    value: Option<Vec<u8>>,
}

/// The changes of one key. The newest lies in place: it is what nearly every read wants.
#[derive(Debug)]
struct Row {
    newest: Change,
    /// Oldest first.
    older: VecDeque<Change>,
}

/// The rows of a database and what they were. Memory: the newest rows, and what the window replaced.
#[derive(Debug, Default)]
pub(crate) struct History {
    rows: BTreeMap<Key, Row>,
    /// What can be forgotten once the window has passed the version.
    replaced: VecDeque<(Version, Key)>,
}

impl Row {
    fn at(&self, version: Version) -> Option<&[u8]> {
        let visible = |change: &&Change| change.version <= version;
        let change = Some(&self.newest)
            .filter(visible)
            .or_else(|| self.older.iter().rev().find(visible))?;
        change.value.as_deref()
    }

    fn write(&mut self, change: Change) {
        if self.newest.version == change.version {
            self.newest.value = change.value;
        } else {
            self.older
                .push_back(std::mem::replace(&mut self.newest, change));
        }
    }

    /// Forgets what no read at `oldest` or later sees. Whether nothing is left.
    fn prune(&mut self, oldest: Version) -> bool {
        while !self.older.is_empty() && self.older.get(1).unwrap_or(&self.newest).version <= oldest
        {
            self.older.pop_front();
        }
        let first = self.older.front().unwrap_or(&self.newest);
        if first.value.is_some() || first.version > oldest {
            return false;
        }
        self.older.pop_front().is_none()
    }
}

impl History {
    /// The value of `key` at `version`.
    pub(crate) fn get(&self, key: &[u8], version: Version) -> Option<&[u8]> {
        self.rows.get(key)?.at(version)
    }

    /// One page of the rows at `version`.
    pub(crate) fn range(&self, scan: Scan<'_>, version: Version) -> Rows {
        let within = (Bound::Included(scan.begin), Bound::Excluded(scan.end));
        let rows = self.rows.range::<[u8], _>(within);
        if scan.reverse {
            page(rows.rev(), scan, version)
        } else {
            page(rows, scan, version)
        }
    }

    /// Sets or clears `key` at `version`, the newest so far.
    pub(crate) fn write(&mut self, key: &[u8], value: Option<Vec<u8>>, version: Version) {
        let change = Change { version, value };
        match self.rows.entry(Key::from(key)) {
            Entry::Occupied(mut row) => {
                self.replaced.push_back((version, row.key().clone()));
                row.get_mut().write(change);
            }
            Entry::Vacant(place) if change.value.is_some() => {
                place.insert(Row {
                    newest: change,
                    older: VecDeque::new(),
                });
            }
            Entry::Vacant(_) => {}
        }
    }

    /// Clears every key from `begin` to before `end`; hands the keys back.
    pub(crate) fn clear_range(&mut self, begin: &[u8], end: &[u8], version: Version) -> Vec<Key> {
        let within = (Bound::Included(begin), Bound::Excluded(end));
        let mut keys = Vec::new();
        for (key, row) in self.rows.range_mut::<[u8], _>(within) {
            if row.at(version).is_some() {
                row.write(Change {
                    version,
                    value: None,
                });
                self.replaced.push_back((version, key.clone()));
                keys.push(key.clone());
            }
        }
        keys
    }

    /// Forgets what no read at `oldest` or later sees.
    pub(crate) fn prune(&mut self, oldest: Version) {
        while let Some((_, key)) = self
            .replaced
            .pop_front_if(|(version, _)| *version <= oldest)
        {
            if self
                .rows
                .get_mut(key.as_bytes())
                .is_some_and(|row| row.prune(oldest))
            {
                self.rows.remove(key.as_bytes());
            }
        }
    }

    /// How many changes are kept.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.rows.values().map(|row| 1 + row.older.len()).sum()
    }
}

fn page<'history>(
    rows: impl Iterator<Item = (&'history Key, &'history Row)>,
    scan: Scan<'_>,
    version: Version,
) -> Rows {
    let mut rows = rows.filter_map(|(key, row)| Some((key, row.at(version)?)));
    let mut page = Rows::default();
    let mut bytes = 0;
    while page.rows.len() < scan.limit && bytes < scan.bytes_target {
        let Some((key, value)) = rows.next() else {
            return page;
        };
        bytes += key.as_bytes().len() + value.len();
        page.rows.push((key.as_bytes().to_vec(), value.to_vec()));
    }
    page.more = rows.next().is_some();
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(history: &History, version: Version) -> Vec<(Vec<u8>, Vec<u8>)> {
        let scan = Scan {
            begin: b"",
            end: b"\xff",
            limit: usize::MAX,
            bytes_target: usize::MAX,
            reverse: false,
        };
        history.range(scan, version).rows
    }

    #[test]
    fn each_version_sees_its_own_values() {
        let mut history = History::default();
        history.write(b"k", Some(b"one".to_vec()), 1);
        history.write(b"k", Some(b"two".to_vec()), 2);
        history.write(b"k", None, 3);
        let seen: Vec<_> = (0..4).map(|version| history.get(b"k", version)).collect();
        assert_eq!(seen, [None, Some(&b"one"[..]), Some(&b"two"[..]), None]);
        assert_eq!((all(&history, 2).len(), all(&history, 3).len()), (1, 0));
    }

    #[test]
    fn the_last_write_of_a_version_counts() {
        let mut history = History::default();
        history.write(b"k", Some(b"a".to_vec()), 1);
        history.write(b"k", Some(b"b".to_vec()), 1);
        assert_eq!((history.get(b"k", 1), history.len()), (Some(&b"b"[..]), 1));
        assert_eq!(history.clear_range(b"a", b"z", 1), [Key::from(&b"k"[..])]);
        assert_eq!(history.get(b"k", 1), None);
    }

    #[test]
    fn pruning_keeps_what_the_window_sees_and_no_more() {
        let mut history = History::default();
        for version in 1..=100 {
            history.write(b"hot", Some(vec![version as u8]), version);
            history.write(&[version as u8], Some(vec![1]), version);
            history.write(&[version as u8], None, version + 1);
        }
        history.prune(98);
        assert_eq!(history.get(b"hot", 98), Some(&[98][..]));
        assert_eq!(history.get(b"hot", 99), Some(&[99][..]));
        assert_eq!(history.get(&[99], 99), Some(&[1][..]));
        history.prune(101);
        assert_eq!((history.len(), history.replaced.len()), (1, 0));
        assert_eq!(history.get(b"hot", 101), Some(&[100][..]));
    }
}
