//! Who waits for the feed: readers on this core, and other cores on behalf of theirs.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use futures::channel::oneshot;

use crate::CoreAddress;

/// How long another core is told of commits after it asked to.
pub(crate) const SUBSCRIPTION: Duration = Duration::from_secs(2);

/// The waiters of one core.
#[derive(Default)]
pub(crate) struct FeedHub {
    readers: RefCell<Vec<oneshot::Sender<()>>>,
    cores: RefCell<BTreeMap<CoreAddress, Duration>>,
}

impl FeedHub {
    /// Resolves at the next commit that this core hears of.
    pub(crate) fn wait(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut readers = self.readers.borrow_mut();
        readers.retain(|reader| !reader.is_canceled());
        readers.push(sender);
        receiver
    }

    /// Another core wants to hear of commits until `until`, by this core's own time.
    pub(crate) fn subscribe(&self, core: CoreAddress, until: Duration) {
        self.cores.borrow_mut().insert(core, until);
    }

    /// Something was committed: lets the readers here look again.
    pub(crate) fn advance(&self) {
        for reader in self.readers.take() {
            // A reader that went away needs nothing.
            let _ = reader.send(());
        }
    }

    /// The cores to tell of a commit at `now`.
    pub(crate) fn subscribers(&self, now: Duration) -> Vec<CoreAddress> {
        let mut cores = self.cores.borrow_mut();
        if cores.is_empty() {
            return Vec::new();
        }
        cores.retain(|_, until| *until > now);
        cores.keys().copied().collect()
    }
}
