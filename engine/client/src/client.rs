//! The handle that programs hold.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use wire::{Command, FRAME_BYTES_MAX, Position, command_bytes_max};

use crate::call::Answers;
use crate::counters::Counts;
use crate::driver::Driver;
use crate::feed::{FeedStart, Pages};
use crate::inbox::{Inbox, Submission};
use crate::item::{Item, Unanswered};
use crate::router::Router;
use crate::{Batch, Busy, Call, CallError, Counters, Endpoint, Feed, Settings, StartError, Token};

/// What the frame around a command takes at most.
const FRAME_ROOM_BYTES: usize = 64;

/// A client of an engine. Cheap to clone; its thread ends with the last clone and the last [`Feed`].
///
/// Commands that are under way then are answered [`CallError::Closed`].
#[derive(Clone, Debug)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    inbox: Arc<Inbox>,
    counts: Arc<Counts>,
    settings: Settings,
    unanswered: Unanswered,
    feeds: AtomicU64,
    started: Instant,
}

impl Client {
    /// Starts a client of the engine that listens at these addresses (`host:port` of any of its cores; the others are
    /// tried when the first can't be reached). It connects when there is something to do, so that this does not wait.
    ///
    /// # Errors
    /// An address or a setting makes no sense, or the system gives no thread.
    pub fn start(
        addresses: &[&str],
        token: impl Into<Token>,
        settings: Settings,
    ) -> Result<Self, StartError> {
        if let Some(fault) = settings.fault() {
            return Err(StartError::Settings(fault));
        }
        let endpoints = addresses.iter().map(|address| address.parse());
        let endpoints = endpoints.collect::<Result<Vec<Endpoint>, _>>()?;
        if endpoints.is_empty() {
            return Err(StartError::NoAddress);
        }
        let (inbox, counts) = (Arc::new(Inbox::new()?), Arc::<Counts>::default());
        // Nothing secret: two clients only must not pause alike.
        let seed = RandomState::new().build_hasher().finish();
        let router = Router::new(
            endpoints,
            token.into(),
            settings.clone(),
            Arc::clone(&counts),
            seed,
        );
        let started = Instant::now();
        let driver = Driver::new(router, Arc::clone(&inbox), started, &settings);
        std::thread::Builder::new()
            .name("hunt-client".to_owned())
            .spawn(|| driver.run())?;
        let inner = Inner {
            inbox,
            counts,
            settings,
            unanswered: Arc::new(AtomicUsize::new(0)),
            feeds: AtomicU64::new(0),
            started,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Sends a command.
    ///
    /// # Errors
    /// [`Settings::commands_max`] commands are unanswered; the command comes back.
    pub fn send(&self, command: Command) -> Result<Call, Box<Busy<Command>>> {
        if !self.admit(1) {
            return Err(Box::new(self.busy(command)));
        }
        let answers = Answers::new(1);
        self.submit_commands(&answers, std::iter::once(command));
        Ok(Call::new(answers))
    }

    /// Sends commands together. Each has its own fate; they are answered together, once all are.
    ///
    /// # Errors
    /// With them more than [`Settings::commands_max`] would be unanswered; they come back, and none was sent.
    pub fn send_all(&self, commands: Vec<Command>) -> Result<Batch, Box<Busy<Vec<Command>>>> {
        if !self.admit(commands.len()) {
            return Err(Box::new(self.busy(commands)));
        }
        let answers = Answers::new(commands.len());
        self.submit_commands(&answers, commands.into_iter());
        Ok(Batch::new(answers))
    }

    /// Reads the feed: all events after this position; [`Position::default`] is the very beginning.
    pub fn feed(&self, after: Position) -> Feed {
        let number = self.inner.feeds.fetch_add(1, Relaxed);
        let pages = Arc::<Pages>::default();
        self.submit(Submission::FeedStarted(FeedStart {
            number,
            after,
            pages: Arc::clone(&pages),
        }));
        Feed::new(number, pages, self.clone())
    }

    /// What it did so far.
    pub fn counters(&self) -> Counters {
        self.inner.counts.read()
    }

    pub(crate) fn submit(&self, submission: Submission) {
        self.inner.inbox.push(submission);
    }

    fn submit_commands(
        &self,
        answers: &Arc<Answers>,
        commands: impl ExactSizeIterator<Item = Command>,
    ) {
        let deadline = self.inner.started.elapsed() + self.inner.settings.timeout;
        let mut items = Vec::with_capacity(commands.len());
        for (command, place) in commands.zip(0..) {
            let fault = fault(&command);
            let item = Item::new(
                command,
                deadline,
                place,
                Arc::clone(answers),
                Arc::clone(&self.inner.unanswered),
            );
            match fault {
                None => items.push(item),
                Some(fault) => {
                    item.answer(Err(CallError::Unsendable(fault)));
                }
            }
        }
        self.submit(Submission::Commands(items));
    }

    /// Counts so many commands as unanswered, if there is room for them.
    fn admit(&self, count: usize) -> bool {
        let max = self.inner.settings.commands_max;
        let more = |unanswered: usize| (unanswered + count <= max).then_some(unanswered + count);
        self.inner
            .unanswered
            .fetch_update(Relaxed, Relaxed, more)
            .is_ok()
    }

    fn busy<T>(&self, commands: T) -> Busy<T> {
        Busy {
            commands,
            max: self.inner.settings.commands_max,
        }
    }
}

/// Why a command can't be sent, if it can't: told here, before it takes others of its frame with it.
fn fault(command: &Command) -> Option<String> {
    match command_bytes_max(command) {
        Ok(bytes) if bytes + FRAME_ROOM_BYTES <= FRAME_BYTES_MAX => None,
        Ok(bytes) => Some(format!(
            "it takes up to {bytes} bytes: a frame has at most {FRAME_BYTES_MAX}"
        )),
        Err(error) => Some(error.to_string()),
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.inbox.close();
    }
}
