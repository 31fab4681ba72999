//! The feeds that are read: where each is, on which connection, and how much more may come.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use wire::{Events, Failure, Position};

use crate::FeedError;
use crate::feed::{FeedStart, Pages};
use crate::link::Link;
use crate::settings::FEEDS_MAX;

/// Credit is given once so large a part of what is read ahead was taken: not for each page.
const CREDIT_PARTS: u32 = 4;

/// The shortest pause before a feed that the engine could not serve is asked for again.
const PAUSE_MIN: Duration = Duration::from_millis(100);

/// A link, by its place.
type LinkId = usize;

struct Reader {
    pages: Arc<Pages>,
    /// After the last page that came.
    position: Position,
    /// Where it is read, and under which id.
    on: Option<(LinkId, u64)>,
    /// Events that came and were not taken.
    ahead: u32,
    /// Events that were taken and not given credit for.
    owed: u32,
    /// Not to be asked for before this.
    retry_at: Duration,
}

/// The feeds of one client, by number.
pub(crate) struct Readers {
    readers: BTreeMap<u64, Reader>,
    /// Events read ahead.
    window: u32,
}

impl Readers {
    pub(crate) fn new(window: u32) -> Self {
        Self {
            readers: BTreeMap::new(),
            window,
        }
    }

    /// Adds a feed; it is read as soon as a connection is open.
    pub(crate) fn start(&mut self, start: FeedStart) {
        if self.readers.len() >= FEEDS_MAX {
            return start.pages.end(FeedError::TooMany(FEEDS_MAX));
        }
        let reader = Reader {
            pages: start.pages,
            position: start.after,
            on: None,
            ahead: 0,
            owed: 0,
            retry_at: Duration::ZERO,
        };
        self.readers.insert(start.number, reader);
    }

    /// Some feed waits for a connection, and may have one now.
    pub(crate) fn need_link(&self, now: Duration) -> bool {
        let mut readers = self.readers.values();
        readers.any(|reader| reader.on.is_none() && reader.retry_at <= now)
    }

    /// When a feed that was put off may be asked for again.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        let waiting = self.readers.values().filter(|reader| reader.on.is_none());
        waiting.map(|reader| reader.retry_at).min()
    }

    /// Asks for what waits on this link, which is open.
    pub(crate) fn attach(&mut self, now: Duration, id: LinkId, link: &mut Link) {
        let waiting = self
            .readers
            .values_mut()
            .filter(|reader| reader.on.is_none() && reader.retry_at <= now);
        for reader in waiting {
            let Some((session, output)) = link.speak() else {
                return;
            };
            let credit = self.window.saturating_sub(reader.ahead);
            reader.owed = 0;
            reader.on = Some((id, session.subscribe(output, reader.position, credit)));
        }
    }

    /// The link's connection is over, or about to be: its feeds go on elsewhere.
    pub(crate) fn detach(&mut self, id: LinkId) {
        for reader in self.readers.values_mut() {
            reader.on = reader.on.filter(|(link, _)| *link != id);
        }
    }

    /// A page came.
    pub(crate) fn page(&mut self, id: LinkId, events: Events) {
        let Some((_, reader)) = self.find(id, events.id) else {
            return;
        };
        reader.position = events.position;
        reader.ahead += u32::try_from(events.events.len()).unwrap_or(u32::MAX);
        reader.pages.push(events);
    }

    /// The engine ended a feed: it is asked for again if that can help.
    pub(crate) fn refused(&mut self, now: Duration, id: LinkId, feed: u64, failure: &Failure) {
        use wire::ErrorCode::{NotReady, Overloaded, Unavailable};
        let Some((number, reader)) = self.find(id, feed) else {
            return;
        };
        reader.on = None;
        if matches!(failure.code, NotReady | Overloaded | Unavailable) {
            let pause = Duration::from_millis(failure.retry_after_ms).max(PAUSE_MIN);
            reader.retry_at = now + pause;
        } else {
            reader.pages.end(refusal(failure));
            self.readers.remove(&number);
        }
    }

    /// The engine will not have this client: nothing can be read.
    pub(crate) fn refuse_all(&mut self, failure: &Failure) {
        for reader in std::mem::take(&mut self.readers).into_values() {
            reader.pages.end(refusal(failure));
        }
    }

    /// So many events of a feed were taken. Gives credit once that is worth a frame.
    pub(crate) fn taken(&mut self, number: u64, events: u32, links: &mut [Link]) {
        let Some(reader) = self.readers.get_mut(&number) else {
            return;
        };
        reader.ahead = reader.ahead.saturating_sub(events);
        reader.owed = reader.owed.saturating_add(events);
        if reader.owed < self.window.div_ceil(CREDIT_PARTS) {
            return;
        }
        let speak = reader
            .on
            .and_then(|(link, id)| Some((links.get_mut(link)?.speak()?, id)));
        if let Some(((session, output), id)) = speak {
            session.credit(output, id, std::mem::take(&mut reader.owed));
        }
    }

    /// Nobody reads a feed any more.
    pub(crate) fn end(&mut self, number: u64, links: &mut [Link]) {
        let on = self.readers.remove(&number).and_then(|reader| reader.on);
        let speak = on.and_then(|(link, id)| Some((links.get_mut(link)?.speak()?, id)));
        if let Some(((session, output), id)) = speak {
            session.unsubscribe(output, id);
        }
    }

    fn find(&mut self, id: LinkId, feed: u64) -> Option<(u64, &mut Reader)> {
        let mut readers = self.readers.iter_mut();
        readers
            .find(|(_, reader)| reader.on == Some((id, feed)))
            .map(|(number, reader)| (*number, reader))
    }
}

/// Whoever still waits for a page must not wait for ever.
impl Drop for Readers {
    fn drop(&mut self) {
        for reader in self.readers.values() {
            reader.pages.end(FeedError::Closed);
        }
    }
}

fn refusal(failure: &Failure) -> FeedError {
    FeedError::Refused {
        code: failure.code,
        detail: failure.detail.as_str().into(),
    }
}
