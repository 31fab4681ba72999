//! The batch that fills while another is committed, and who waits for it.

use futures::channel::oneshot;
use hunt::{Event, EventBody, Seq};

use crate::AskError;

/// What a waiter is told: committed, or why not.
pub(crate) type Verdict = Result<(), AskError>;

/// Events that will be committed together, and the answers that rest on them.
#[derive(Default)]
pub(crate) struct Batch {
    /// In order of sequence, without gaps.
    pub(crate) events: Vec<Event>,
    waiters: Vec<oneshot::Sender<Verdict>>,
    /// Who must know the batch's fate itself, however long that takes.
    followers: Vec<oneshot::Sender<Verdict>>,
    bytes: usize,
}

/// What an event's fixed parts take at most in a batch: tags, request hashes, numbers.
const EVENT_BYTES: usize = 64;
/// What an entry of an event's lists takes at most.
const LIST_ENTRY_BYTES: usize = 13;

/// An upper estimate of what `body` takes in a batch.
pub(crate) fn encoded_bytes(body: &EventBody) -> usize {
    let player = body.player().map_or(0, |player| player.as_str().len());
    let variable = match body {
        // In memory a definition takes more than encoded.
        EventBody::Put { definition, .. } => definition.memory_bytes(),
        EventBody::Solved {
            unlocked, grants, ..
        } => (unlocked.len() + grants.len()) * LIST_ENTRY_BYTES,
        _ => 0,
    };
    EVENT_BYTES + player + variable
}

impl Batch {
    /// An empty one with room for as many events as another has: the next batch is most often about as large.
    pub(crate) fn with_room_of(other: &Self) -> Self {
        Self {
            events: Vec::with_capacity(other.events.len()),
            ..Self::default()
        }
    }

    /// Adds an event.
    pub(crate) fn push(&mut self, event: Event) {
        self.bytes += encoded_bytes(&event.body);
        self.events.push(event);
    }

    /// Whether the batch holds as much as it may.
    pub(crate) fn is_full(&self, events_max: usize, bytes_max: usize) -> bool {
        self.events.len() >= events_max || self.bytes >= bytes_max
    }

    /// Resolves when the batch's fate is known; sooner, and with an error, if its commit stalls.
    pub(crate) fn wait(&mut self) -> oneshot::Receiver<Verdict> {
        let (sender, receiver) = oneshot::channel();
        self.waiters.push(sender);
        receiver
    }

    /// Resolves when the batch's fate is known, and not before.
    pub(crate) fn follow(&mut self) -> oneshot::Receiver<Verdict> {
        let (sender, receiver) = oneshot::channel();
        self.followers.push(sender);
        receiver
    }

    /// Answers that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiters.len()
    }

    /// The answers that wait, taken.
    pub(crate) fn take_waiters(&mut self) -> Vec<oneshot::Sender<Verdict>> {
        std::mem::take(&mut self.waiters)
    }

    /// All who wait for the batch's fate, taken.
    pub(crate) fn take_all(&mut self) -> Vec<oneshot::Sender<Verdict>> {
        let mut all = self.take_waiters();
        all.append(&mut self.followers);
        all
    }

    /// Whether `seq` is one of the batch's events.
    pub(crate) fn holds(&self, seq: Seq) -> bool {
        self.event(seq).is_some()
    }

    /// The event `seq`, if it is in the batch.
    pub(crate) fn event(&self, seq: Seq) -> Option<&Event> {
        let first = self.events.first()?.seq;
        self.events
            .get(usize::try_from(seq.checked_sub(first)?).ok()?)
    }
}

/// Tells everyone the same.
pub(crate) fn tell(waiters: Vec<oneshot::Sender<Verdict>>, verdict: &Verdict) {
    for waiter in waiters {
        // Whoever stopped waiting has hung up; the event stands all the same.
        let _ = waiter.send(verdict.clone());
    }
}
