//! The feed, as a program reads it.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use futures::Stream;
use futures::stream::FusedStream;
use wire::{Events, Position};

use crate::FeedError;
use crate::client::Client;
use crate::inbox::Submission;

/// All events of the engine, in one global order, from a position on. Each comes once, also when connections break.
///
/// It is a [`Stream`] of no runtime; [`Feed::wait`] is for those who block. Pages are taken in order; what is read ahead is
/// bounded by [`crate::Settings::feed_events`]. Keep the position of the last page that you dealt with, and go on from there.
///
/// ```no_run
/// use std::time::Duration;
/// use client::{Client, Position, Settings};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let token = "";
/// let client = Client::start(&["10.0.0.1:7118"], token, Settings::default())?;
/// let mut feed = client.feed(Position::default()); // from the very beginning
/// while let Some(page) = feed.wait(Duration::from_secs(60))? {
///     println!("{} events, on from {:?}", page.events.len(), page.position);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Feed {
    number: u64,
    pages: Arc<Pages>,
    /// Keeps the client going.
    client: Client,
    over: bool,
}

impl Feed {
    pub(crate) fn new(number: u64, pages: Arc<Pages>, client: Client) -> Self {
        Self {
            number,
            pages,
            client,
            over: false,
        }
    }

    /// Blocks until there is a page; none if there was none for so long.
    ///
    /// # Errors
    /// The feed is over.
    pub fn wait(&mut self, patience: Duration) -> Result<Option<Events>, FeedError> {
        let started = Instant::now();
        let mut inner = self.pages.lock();
        loop {
            if let Some(page) = inner.pages.pop_front() {
                drop(inner);
                self.taken(&page);
                return Ok(Some(page));
            }
            if let Some(error) = &inner.end {
                return Err(error.clone());
            }
            let Some(left) = patience.checked_sub(started.elapsed()) else {
                return Ok(None);
            };
            let waited = self.pages.more.wait_timeout(inner, left);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Makes room for more events.
    fn taken(&self, page: &Events) {
        let events = u32::try_from(page.events.len()).unwrap_or(u32::MAX);
        self.client
            .submit(Submission::FeedTaken(self.number, events));
    }
}

impl Stream for Feed {
    type Item = Result<Events, FeedError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        let mut inner = self.pages.lock();
        if let Some(page) = inner.pages.pop_front() {
            drop(inner);
            self.taken(&page);
            return Poll::Ready(Some(Ok(page)));
        }
        if let Some(error) = inner.end.clone() {
            drop(inner);
            self.over = true;
            return Poll::Ready(Some(Err(error)));
        }
        inner.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl FusedStream for Feed {
    fn is_terminated(&self) -> bool {
        self.over
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.client.submit(Submission::FeedEnded(self.number));
    }
}

/// Pages between the client's thread and the feed's reader.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    inner: Mutex<Inner>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    pages: VecDeque<Events>,
    end: Option<FeedError>,
    waker: Option<Waker>,
}

impl Pages {
    /// Adds a page.
    pub(crate) fn push(&self, page: Events) {
        self.change(|inner| inner.pages.push_back(page));
    }

    /// Nothing more comes after the pages that are there.
    pub(crate) fn end(&self, error: FeedError) {
        self.change(|inner| {
            inner.end.get_or_insert(error);
        });
    }

    fn change(&self, change: impl FnOnce(&mut Inner)) {
        let waker = {
            let mut inner = self.lock();
            change(&mut inner);
            inner.waker.take()
        };
        self.more.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics while it is held.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a feed starts.
#[derive(Debug)]
pub(crate) struct FeedStart {
    pub(crate) number: u64,
    pub(crate) after: Position,
    pub(crate) pages: Arc<Pages>,
}
