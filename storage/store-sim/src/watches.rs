//! Who waits for which key to change.

use std::collections::BTreeMap;

use futures::channel::oneshot;

/// The watches of one database.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    by_key: BTreeMap<Vec<u8>, BTreeMap<u64, Watch>>,
    count: usize,
    next_id: u64,
}

/// One who waits for a key to be something else than `seen`.
#[derive(Debug)]
struct Watch {
    seen: Option<Vec<u8>>,
    sender: oneshot::Sender<()>,
}

impl Watches {
    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Waits for `key` to be something else than `seen`.
    pub(crate) fn add(
        &mut self,
        key: &[u8],
        seen: Option<Vec<u8>>,
    ) -> (u64, oneshot::Receiver<()>) {
        let (sender, receiver) = oneshot::channel();
        let id = self.next_id;
        self.next_id += 1;
        self.count += 1;
        self.by_key
            .entry(key.to_vec())
            .or_default()
            .insert(id, Watch { seen, sender });
        (id, receiver)
    }

    /// Forgets one, if it still waits.
    pub(crate) fn remove(&mut self, key: &[u8], id: u64) {
        let Some(watches) = self.by_key.get_mut(key) else {
            return;
        };
        if watches.remove(&id).is_some() {
            self.count -= 1;
        }
        if watches.is_empty() {
            self.by_key.remove(key);
        }
    }

    /// Those who wait for `key` to be something else than they saw, now that it is `value`. To be told
    /// once the database is unlocked.
    pub(crate) fn take_changed(
        &mut self,
        key: &[u8],
        value: Option<&[u8]>,
    ) -> Vec<oneshot::Sender<()>> {
        let Some(watches) = self.by_key.get_mut(key) else {
            return Vec::new();
        };
        let changed: Vec<Watch> = watches
            .extract_if(.., |_, watch| watch.seen.as_deref() != value)
            .map(|(_, watch)| watch)
            .collect();
        if watches.is_empty() {
            self.by_key.remove(key);
        }
        self.count -= changed.len();
        changed.into_iter().map(|watch| watch.sender).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_who_saw_something_else_are_told() {
        let mut watches = Watches::default();
        let (_, mut old) = watches.add(b"k", Some(b"a".to_vec()));
        let (id, mut same) = watches.add(b"k", Some(b"b".to_vec()));
        for sender in watches.take_changed(b"k", Some(b"b")) {
            sender.send(()).expect("the receiver is here");
        }
        assert_eq!((old.try_recv(), same.try_recv()), (Ok(Some(())), Ok(None)));
        assert_eq!(watches.len(), 1);
        watches.remove(b"k", id);
        watches.remove(b"k", id);
        assert_eq!((watches.len(), watches.by_key.len()), (0, 0));
    }
}
