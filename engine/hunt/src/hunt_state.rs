//! The state of one hunt: the fold of its events.
//!
//! A row of it may be older than the log's end, and the log's tail is then applied again from before the row: so an
//! event that is not newer than the state changes nothing.

use crate::{
    Definition, Event, EventBody, Granted, HuntId, Index, Millis, Phase, RequestTag, Seq,
    limits::REQUESTS_PER_HUNT_MAX,
    ring::{self, Request, Seen},
    schedule::Next,
};

/// The state of one hunt: the fold of its events.
#[derive(Clone, Debug, PartialEq)]
pub struct HuntState {
    pub(crate) definition: Definition,
    pub(crate) tally: Tally,
    /// What the schedule does next; derives from the rest.
    next: Option<Next>,
}

/// All of a hunt's state but its definition.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) seq: Seq,
    pub(crate) at: Millis,
    pub(crate) created_at: Millis,
    pub(crate) defined_by: Seq,
    pub(crate) phase: Phase,
    pub(crate) players: u64,
    /// By clue.
    pub(crate) clues: Vec<ClueTally>,
    /// By treasure.
    pub(crate) treasures: Vec<TreasureTally>,
    /// Requests of operators, the newest last.
    pub(crate) requests: Vec<Request>,
}

/// How it stands with a clue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, bincode::Encode, bincode::Decode)]
pub(crate) struct ClueTally {
    /// Players who solved it.
    pub(crate) solves: u64,
    /// That its time came is in the log.
    pub(crate) announced: bool,
}

/// How it stands with a treasure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, bincode::Encode, bincode::Decode)]
pub(crate) struct TreasureTally {
    /// Units left; `None` is no limit.
    pub(crate) left: Option<u64>,
    /// Units granted.
    pub(crate) granted: u64,
    /// Units added to the stock of the definition.
    pub(crate) restocked: u64,
}

impl HuntState {
    /// The state after the event that made the hunt.
    ///
    /// # Panics
    ///
    /// If the event is not `EventBody::Put`: a hunt's log begins with one.
    pub fn created(event: &Event) -> Self {
        let EventBody::Put { definition, .. } = &event.body else {
            panic!(
                "the first event of hunt {} at {} does not define it",
                event.hunt, event.seq
            );
        };
        let tally = Tally {
            created_at: event.at,
            ..Tally::default()
        };
        let mut state = Self {
            definition: (**definition).clone(),
            tally,
            next: None,
        };
        state.apply(event);
        state
    }

    /// A state read from a row; `None` if tally and definition do not fit.
    pub(crate) fn from_row(definition: Definition, tally: Tally) -> Option<Self> {
        let fits = tally.clues.len() == definition.clues().len()
            && tally.treasures.len() == definition.treasures().len()
            && tally.requests.len() <= REQUESTS_PER_HUNT_MAX;
        let next = Next::of(&definition, &tally);
        fits.then_some(Self {
            definition,
            tally,
            next,
        })
    }

    /// Takes an event in. One that is not newer than [`Self::seq`], or of another hunt, changes nothing.
    pub fn apply(&mut self, event: &Event) {
        if event.seq <= self.tally.seq || event.hunt != *self.id() {
            return;
        }
        (self.tally.seq, self.tally.at) = (event.seq, event.at);
        match &event.body {
            EventBody::Put {
                definition,
                request,
                ..
            } => self.define(definition, request),
            EventBody::PhaseChanged { phase, request } => self.enter(*phase, request.as_ref()),
            EventBody::ClueUnlocked { clue } => self.announce(*clue),
            EventBody::Restocked {
                treasure,
                add,
                stock_left,
                request,
            } => {
                if let Some(tally) = self.tally.treasures.get_mut(usize::from(*treasure)) {
                    tally.left = Some(*stock_left);
                    tally.restocked = tally.restocked.saturating_add(*add);
                }
                self.remember(request);
            }
            EventBody::Joined { .. } => self.count_player(true),
            EventBody::Solved {
                clue,
                joined,
                grants,
                ..
            } => {
                self.count_player(*joined);
                if let Some(tally) = self.tally.clues.get_mut(usize::from(*clue)) {
                    tally.solves = tally.solves.saturating_add(1);
                }
                grants.iter().for_each(|grant| self.count_grant(grant));
            }
            EventBody::Missed { joined, .. } => self.count_player(*joined),
            EventBody::Claimed { grant, joined, .. } => {
                self.count_player(*joined);
                self.count_grant(grant);
            }
        }
    }

    /// The hunt's id.
    pub fn id(&self) -> &HuntId {
        self.definition.id()
    }

    /// The last event that is in it.
    pub fn seq(&self) -> Seq {
        self.tally.seq
    }

    /// When the last event that is in it happened.
    pub fn at(&self) -> Millis {
        self.tally.at
    }

    /// When the hunt was made.
    pub fn created_at(&self) -> Millis {
        self.tally.created_at
    }

    /// The event that gave it its definition.
    pub fn defined_by(&self) -> Seq {
        self.tally.defined_by
    }

    /// The phase.
    pub fn phase(&self) -> Phase {
        self.tally.phase
    }

    /// The definition.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// Players who joined.
    pub fn players(&self) -> u64 {
        self.tally.players
    }

    /// How many players solved a clue.
    pub fn solves(&self, clue: Index) -> u64 {
        self.tally
            .clues
            .get(usize::from(clue))
            .map_or(0, |tally| tally.solves)
    }

    /// Whether the log says that the clue's time came.
    pub fn announced(&self, clue: Index) -> bool {
        self.tally
            .clues
            .get(usize::from(clue))
            .is_some_and(|tally| tally.announced)
    }

    /// Units left of a treasure; `None` is no limit.
    pub fn stock_left(&self, treasure: Index) -> Option<u64> {
        self.tally
            .treasures
            .get(usize::from(treasure))
            .map_or(Some(0), |tally| tally.left)
    }

    /// Units granted of a treasure.
    pub fn granted(&self, treasure: Index) -> u64 {
        self.tally
            .treasures
            .get(usize::from(treasure))
            .map_or(0, |tally| tally.granted)
    }

    /// Units added to a treasure's stock after the definition.
    pub fn restocked(&self, treasure: Index) -> u64 {
        self.tally
            .treasures
            .get(usize::from(treasure))
            .map_or(0, |tally| tally.restocked)
    }

    /// What the schedule does now, if the time of anything has come: one thing at a time, in order of their times.
    /// Append it with `now` as its time, apply it, and ask again.
    pub fn due(&self, now: Millis) -> Option<EventBody> {
        self.next
            .filter(|next| next.at <= now)
            .map(|next| next.body())
    }

    /// When the schedule does something next.
    pub fn next_due(&self) -> Option<Millis> {
        self.next.map(|next| next.at)
    }

    /// Bytes in memory, with all that it points to.
    pub fn memory_bytes(&self) -> usize {
        let tallies = self.tally.clues.capacity() * size_of::<ClueTally>()
            + self.tally.treasures.capacity() * size_of::<TreasureTally>()
            + self.tally.requests.capacity() * size_of::<Request>();
        size_of::<Self>() - size_of::<Definition>() + self.definition.memory_bytes() + tallies
    }

    /// What is known of an operator's request.
    pub(crate) fn seen(&self, tag: &RequestTag) -> Seen {
        ring::find(self.tally.requests.iter().copied(), tag)
    }

    /// Takes a definition. Once players joined, it only extends the old one; before, it starts afresh.
    fn define(&mut self, definition: &Definition, request: &RequestTag) {
        let tally = &mut self.tally;
        if tally.players == 0 {
            tally.phase = Phase::default();
            tally.clues.clear();
            tally.treasures.clear();
        }
        tally.defined_by = tally.seq;
        tally
            .clues
            .resize(definition.clues().len(), ClueTally::default());
        let added = definition.treasures().iter().skip(tally.treasures.len());
        let added = added.map(|treasure| TreasureTally {
            left: treasure.stock,
            ..TreasureTally::default()
        });
        tally.treasures.extend(added);
        tally.treasures.truncate(definition.treasures().len());
        self.definition = definition.clone();
        self.remember(request);
        self.reschedule();
    }

    fn enter(&mut self, phase: Phase, request: Option<&RequestTag>) {
        self.tally.phase = self.tally.phase.max(phase);
        if let Some(request) = request {
            self.remember(request);
        }
        self.reschedule();
    }

    fn announce(&mut self, clue: Index) {
        if let Some(tally) = self.tally.clues.get_mut(usize::from(clue)) {
            tally.announced = true;
        }
        self.reschedule();
    }

    fn count_player(&mut self, joined: bool) {
        self.tally.players = self.tally.players.saturating_add(u64::from(joined));
    }

    fn count_grant(&mut self, grant: &Granted) {
        if let Some(tally) = self.tally.treasures.get_mut(usize::from(grant.treasure)) {
            tally.granted = grant.nth;
            tally.left = tally.left.map(|left| left.saturating_sub(1));
        }
    }

    fn remember(&mut self, tag: &RequestTag) {
        if self.tally.requests.len() >= REQUESTS_PER_HUNT_MAX {
            self.tally.requests.remove(0);
        }
        self.tally.requests.push(Request {
            tag: *tag,
            seq: self.tally.seq,
        });
    }

    fn reschedule(&mut self) {
        self.next = Next::of(&self.definition, &self.tally);
    }
}
