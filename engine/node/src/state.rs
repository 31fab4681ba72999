//! A shard's state in memory: as of the last event decided, which runs ahead of the log by the batches in flight.
//!
//! Everything here is synchronous. The state changes in one place, [`ShardState::append`].

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use futures::channel::oneshot;
use hunt::{Event, EventBody, HuntId, HuntState, Millis, Seq};

use crate::AskError;
use crate::batch::{Batch, Verdict, tell};
use crate::dirty::{DirtyRows, RowKey};
use crate::hunts::Hunts;
use crate::players::{EntryPlace, Known, PlayerKey, Players};

/// Those who wait for a player's row.
pub(crate) type LoadWaiters = Vec<oneshot::Sender<Verdict>>;

/// Everything that a shard holds in memory.
pub(crate) struct ShardState {
    /// Epoch of the lease that the state was read under.
    pub(crate) epoch: u64,
    /// The hunts.
    pub(crate) hunts: Hunts,
    /// The players in memory.
    pub(crate) players: Players,
    /// Rows being read.
    pub(crate) loads: BTreeMap<(u32, hunt::PlayerId), LoadWaiters>,
    /// Rows newer than the store.
    pub(crate) dirty: DirtyRows,
    /// What the next commit takes.
    pub(crate) filling: Batch,
    /// What is being committed.
    pub(crate) in_flight: Batch,
    /// Since when, by the host's own time.
    committing_since: Option<Duration>,
    /// Sequence of the last event decided.
    pub(crate) last_seq: Seq,
    /// Sequence of the last event committed.
    pub(crate) committed_seq: Seq,
    /// Time of the last event.
    pub(crate) last_at: Millis,
    /// Every row in the store reflects the log up to here.
    pub(crate) checkpoint_seq: Seq,
    /// Counts writes of rows; see [`crate::record::Checkpoint`].
    pub(crate) flush_generation: u64,
    /// When some schedule has something to do.
    pub(crate) next_due: Option<Millis>,
}

/// How to go on once a sequence is committed.
pub(crate) enum Wait {
    /// It is committed.
    Committed,
    /// Its fate is told here.
    Until(oneshot::Receiver<Verdict>),
}

impl ShardState {
    /// An empty shard; `seed` keeps callers from choosing player ids that collide.
    pub(crate) fn new(epoch: u64, seed: u64) -> Self {
        Self {
            epoch,
            hunts: Hunts::default(),
            players: Players::new(seed),
            loads: BTreeMap::new(),
            dirty: DirtyRows::default(),
            filling: Batch::default(),
            in_flight: Batch::default(),
            committing_since: None,
            last_seq: 0,
            committed_seq: 0,
            last_at: Millis(0),
            checkpoint_seq: 0,
            flush_generation: 0,
            next_due: None,
        }
    }

    /// The time of an event decided when the wall clock says `wall`: it never runs back.
    pub(crate) fn now(&self, wall: Millis) -> Millis {
        self.last_at.max(wall)
    }

    /// Appends the event of `body` to the log to be, and applies it.
    pub(crate) fn append(&mut self, hunt: &HuntId, body: EventBody, at: Millis) -> &Event {
        self.last_seq += 1;
        self.last_at = at;
        let event = Event {
            seq: self.last_seq,
            at,
            hunt: hunt.clone(),
            body,
        };
        self.apply(&event);
        self.filling.push(event);
        self.filling
            .events
            .last()
            .expect("an event was just pushed")
    }

    /// Appends what the schedule of `hunt` is due for at `now`.
    pub(crate) fn fire_due(&mut self, hunt: &HuntId, now: Millis) {
        while let Some(slot) = self.hunts.get(hunt)
            && slot.next_due().is_some_and(|due| due <= now)
            && let Some(body) = slot.state.due(now)
        {
            self.append(hunt, body, now);
        }
    }

    /// Applies an event of the log to the hunt, and keeps it for its player until the row is read.
    pub(crate) fn replay(&mut self, event: Event) {
        self.last_seq = event.seq;
        self.committed_seq = event.seq;
        self.last_at = self.last_at.max(event.at);
        self.apply_to_hunt(&event);
        let Some(player) = event.body.player().cloned() else {
            return;
        };
        let Some(slot) = self.hunts.get(&event.hunt) else {
            return;
        };
        let (key, seq) = (
            PlayerKey {
                hunt: slot.number,
                player,
            },
            event.seq,
        );
        let place = self.players.replay(key.clone(), event);
        self.player_changed(key, place, seq);
    }

    fn apply(&mut self, event: &Event) {
        self.apply_to_hunt(event);
        let Some(player) = event.body.player() else {
            return;
        };
        let Some(slot) = self.hunts.get_mut(&event.hunt) else {
            return;
        };
        let key = PlayerKey {
            hunt: slot.number,
            player: player.clone(),
        };
        let Some(place) = self.players.place_of(&key) else {
            return;
        };
        self.players.change(place, |entry| {
            let Known::State(state) = &mut entry.known else {
                return;
            };
            let before = state.board();
            state.apply(event);
            let after = state.board();
            if before != after {
                slot.board.record(player, before, after);
            }
        });
        self.player_changed(key, place, event.seq);
    }

    fn apply_to_hunt(&mut self, event: &Event) {
        let slot = match self.hunts.get_mut(&event.hunt) {
            Some(slot) => {
                slot.state.apply(event);
                slot
            }
            None => {
                let slot = self.hunts.insert(HuntState::created(event));
                self.players.hunt_begun(slot.number);
                slot
            }
        };
        if !std::mem::replace(&mut slot.dirty, true) {
            self.dirty.push(event.seq, RowKey::Hunt(event.hunt.clone()));
        }
        if matches!(
            event.body,
            EventBody::Put { .. } | EventBody::PhaseChanged { .. } | EventBody::ClueUnlocked { .. }
        ) {
            slot.rescheduled();
            self.next_due = self.hunts.next_due();
        }
    }

    fn player_changed(&mut self, key: PlayerKey, place: EntryPlace, seq: Seq) {
        if let Some(entry) = self.players.at_mut(place)
            && !std::mem::replace(&mut entry.dirty, true)
        {
            self.dirty.push(seq, RowKey::Player(key, place));
        }
    }

    /// Waits until `seq` is committed, as long as its commit does not stall.
    pub(crate) fn wait_committed(&mut self, seq: Seq) -> Wait {
        self.uncommitted_batch(seq)
            .map_or(Wait::Committed, |batch| Wait::Until(batch.wait()))
    }

    /// Waits until it is known whether `seq` is committed.
    pub(crate) fn follow_commit(&mut self, seq: Seq) -> Wait {
        self.uncommitted_batch(seq)
            .map_or(Wait::Committed, |batch| Wait::Until(batch.follow()))
    }

    fn uncommitted_batch(&mut self, seq: Seq) -> Option<&mut Batch> {
        if seq <= self.committed_seq {
            None
        } else if self.in_flight.holds(seq) {
            Some(&mut self.in_flight)
        } else {
            Some(&mut self.filling)
        }
    }

    /// Whether the batch in flight has been under way for longer than `limit`.
    pub(crate) fn is_stalled(&self, now: impl FnOnce() -> Duration, limit: Duration) -> bool {
        self.committing_since
            .is_some_and(|since| now().saturating_sub(since) > limit)
    }

    /// The answers that wait for a commit, taken.
    pub(crate) fn take_waiters(&mut self) -> LoadWaiters {
        let mut waiters = self.in_flight.take_waiters();
        waiters.append(&mut self.filling.take_waiters());
        waiters
    }

    /// Answers that wait for a commit.
    pub(crate) fn waiting(&self) -> usize {
        self.filling.waiting() + self.in_flight.waiting()
    }

    /// An event that is decided but may not be committed.
    pub(crate) fn uncommitted(&self, seq: Seq) -> Option<&Event> {
        self.in_flight
            .event(seq)
            .or_else(|| self.filling.event(seq))
    }

    /// The filling batch goes on its way at `now`.
    pub(crate) fn take_off(&mut self, now: Duration) {
        debug_assert!(
            self.in_flight.events.is_empty(),
            "one batch is in flight at a time"
        );
        let next = Batch::with_room_of(&self.filling);
        self.in_flight = std::mem::replace(&mut self.filling, next);
        self.committing_since = Some(now);
    }

    /// The batch in flight is committed: its events, and those who wait for it.
    pub(crate) fn land(&mut self) -> (Rc<[Event]>, LoadWaiters) {
        let mut batch = std::mem::take(&mut self.in_flight);
        self.committing_since = None;
        self.committed_seq = batch
            .events
            .last()
            .map_or(self.committed_seq, |event| event.seq);
        let waiters = batch.take_all();
        (batch.events.into(), waiters)
    }

    /// Tells everyone who waits for anything that it will not come.
    pub(crate) fn fail_all(&mut self, error: &AskError) {
        let verdict = Err(error.clone());
        tell(self.in_flight.take_all(), &verdict);
        tell(self.filling.take_all(), &verdict);
        for (_, waiters) in std::mem::take(&mut self.loads) {
            tell(waiters, &verdict);
        }
    }

    /// Bytes that the shard holds in memory.
    pub(crate) fn bytes(&self) -> u64 {
        self.hunts.bytes() + self.players.bytes()
    }
}
