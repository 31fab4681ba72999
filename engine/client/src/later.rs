//! Commands that the engine could not take: they are sent again once it said so.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::item::Item;

/// The shortest pause before a command is sent again: the engine may say 0.
const PAUSE_MIN: Duration = Duration::from_millis(5);

/// Commands by when they are due.
#[derive(Default)]
pub(crate) struct Later {
    due: BTreeMap<Duration, Vec<Item>>,
}

impl Later {
    /// Keeps a command for so many milliseconds.
    pub(crate) fn push(&mut self, now: Duration, pause_ms: u64, item: Item) {
        let pause = Duration::from_millis(pause_ms).max(PAUSE_MIN);
        self.due
            .entry(now.saturating_add(pause))
            .or_default()
            .push(item);
    }

    /// Those that are due.
    pub(crate) fn take(&mut self, now: Duration) -> Vec<Item> {
        let mut items = Vec::new();
        while let Some(entry) = self.due.first_entry().filter(|entry| *entry.key() <= now) {
            items.append(&mut entry.remove());
        }
        items
    }

    /// When the next are due.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.due.keys().next().copied()
    }

    /// All of them.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Item> {
        self.due.values().flatten()
    }

    /// Drops those that are answered already.
    pub(crate) fn drop_answered(&mut self) {
        self.due.retain(|_, items| {
            items.retain(|item| !item.is_answered());
            !items.is_empty()
        });
    }
}
