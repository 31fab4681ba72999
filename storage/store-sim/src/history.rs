//! Every value within the window, by key and version.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

use store::{Rows, Scan, Version};

/// What a key was set to at one version; none if it was cleared.
#[derive(Debug)]
struct Change {
    version: Version,
    value: Option<Vec<u8>>,
}

/// The rows of a database and what they were. Memory: the newest rows, and what the window replaced.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Changes of each key, oldest first; never empty.
    rows: BTreeMap<Vec<u8>, VecDeque<Change>>,
    /// What can be forgotten once the window has passed the version.
    replaced: VecDeque<(Version, Vec<u8>)>,
}

impl History {
    /// The value of `key` at `version`.
    pub(crate) fn get(&self, key: &[u8], version: Version) -> Option<&[u8]> {
        value_at(self.rows.get(key)?, version)
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
        let Some(changes) = self.rows.get_mut(key) else {
            if value.is_some() {
                self.rows
                    .insert(key.to_vec(), VecDeque::from([Change { version, value }]));
            }
            return;
        };
        match changes.back_mut() {
            Some(last) if last.version == version => last.value = value,
            _ => changes.push_back(Change { version, value }),
        }
        self.replaced.push_back((version, key.to_vec()));
    }

    /// Clears every key from `begin` to before `end`; hands the keys back.
    pub(crate) fn clear_range(
        &mut self,
        begin: &[u8],
        end: &[u8],
        version: Version,
    ) -> Vec<Vec<u8>> {
        let within = (Bound::Included(begin), Bound::Excluded(end));
        let present = self
            .rows
            .range::<[u8], _>(within)
            .filter(|(_, changes)| value_at(changes, version).is_some());
        let keys: Vec<Vec<u8>> = present.map(|(key, _)| key.clone()).collect();
        for key in &keys {
            self.write(key, None, version);
        }
        keys
    }

    /// Forgets what no read at `oldest` or later sees.
    pub(crate) fn prune(&mut self, oldest: Version) {
        while let Some((version, key)) = self.replaced.front() {
            if *version > oldest {
                break;
            }
            if let Some(changes) = self.rows.get_mut(key) {
                while changes.get(1).is_some_and(|next| next.version <= oldest) {
                    changes.pop_front();
                }
                if matches!(changes.front(), Some(only) if only.value.is_none() && only.version <= oldest)
                {
                    changes.pop_front();
                }
                if changes.is_empty() {
                    self.rows.remove(key);
                }
            }
            self.replaced.pop_front();
        }
    }

    /// How many changes are kept.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.rows.values().map(VecDeque::len).sum()
    }
}

fn value_at(changes: &VecDeque<Change>, version: Version) -> Option<&[u8]> {
    changes
        .iter()
        .rev()
        .find(|change| change.version <= version)?
        .value
        .as_deref()
}

fn page<'history>(
    rows: impl Iterator<Item = (&'history Vec<u8>, &'history VecDeque<Change>)>,
    scan: Scan<'_>,
    version: Version,
) -> Rows {
    let mut rows = rows.filter_map(|(key, changes)| Some((key, value_at(changes, version)?)));
    let mut page = Rows::default();
    let mut bytes = 0;
    while page.rows.len() < scan.limit && bytes < scan.bytes_target {
        let Some((key, value)) = rows.next() else {
            return page;
        };
        bytes += key.len() + value.len();
        page.rows.push((key.clone(), value.to_vec()));
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
        assert_eq!(history.clear_range(b"a", b"z", 1), [b"k".to_vec()]);
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
