//! The players of a shard that are in memory: a cache of their rows, plus what is newer than the rows.
//!
//! Rows are evicted by the CLOCK algorithm (Corbató, 1969), which approximates least recently used with one bit per
//! row. A row that is newer in memory than in the store is never evicted.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

use hunt::{BoardKey, Event, EventBody, PlayerId, PlayerState};

use crate::table::{KeyOf, Keyed, SLOT_BYTES, Table};

/// A hunt within its shard, numbered as it came to memory: cheaper in a key than its id.
pub(crate) type HuntNumber = u32;

/// Names a player's row within a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlayerKey {
    /// The hunt.
    pub(crate) hunt: HuntNumber,
    /// The player.
    pub(crate) player: PlayerId,
}

impl Hash for PlayerKey {
    fn hash<S: Hasher>(&self, hasher: &mut S) {
        (self.hunt, &self.player).hash(hasher);
    }
}

impl KeyOf<Entry> for PlayerKey {
    fn is_key_of(&self, entry: &Entry) -> bool {
        (self.hunt, &self.player).is_key_of(entry)
    }
}

impl KeyOf<Entry> for (HuntNumber, &PlayerId) {
    fn is_key_of(&self, entry: &Entry) -> bool {
        *self == (entry.hunt, &entry.player)
    }
}

/// Where a player is in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntryPlace(usize);

/// What is known of a player.
pub(crate) enum Known {
    /// The state as of the last event, committed or not.
    State(PlayerState),
    /// Events from the log's tail; the row below them is not read yet.
    #[expect(
        clippy::box_collection,
        reason = "the millions who are known need not have room for a list"
    )]
    Tail(Box<Vec<Event>>),
}

/// One player in memory.
pub(crate) struct Entry {
    player: PlayerId,
    hunt: HuntNumber,
    /// What is known.
    pub(crate) known: Known,
    /// Newer than the row in the store; it stands in the queue of dirty rows.
    pub(crate) dirty: bool,
    /// The row is being written right now.
    pub(crate) writing: bool,
    referenced: bool,
}

// There are millions of them.
const _: () = assert!(size_of::<Entry>() == 56);

impl Keyed for Entry {
    fn key(&self) -> impl Hash {
        (self.hunt, &self.player)
    }
}

impl Entry {
    fn new(key: PlayerKey, known: Known, referenced: bool) -> Self {
        Self {
            player: key.player,
            hunt: key.hunt,
            known,
            dirty: false,
            writing: false,
            referenced,
        }
    }

    /// Who it is.
    pub(crate) fn player(&self) -> &PlayerId {
        &self.player
    }

    /// The state, unless the row is still to be read.
    pub(crate) fn state(&self) -> Option<&PlayerState> {
        match &self.known {
            Known::State(state) => Some(state),
            Known::Tail(_) => None,
        }
    }

    /// The player's place in the ranking, if it is known here: `Some(None)` is known to have none.
    pub(crate) fn newest_place(&self) -> Option<Option<BoardKey>> {
        match &self.known {
            Known::State(state) => Some(state.board()),
            Known::Tail(events) => events.iter().rev().find_map(|event| match event.body {
                EventBody::Solved {
                    ranked: true,
                    score,
                    ..
                } => Some(Some(BoardKey {
                    score,
                    seq: event.seq,
                    at: event.at,
                })),
                _ => None,
            }),
        }
    }

    /// Bytes that it takes, with its slot in the table.
    fn bytes(&self) -> u64 {
        let heap = match &self.known {
            Known::State(state) => state
                .memory_bytes()
                .saturating_sub(size_of::<PlayerState>()),
            Known::Tail(events) => size_of::<Vec<Event>>() + events.capacity() * size_of::<Event>(),
        };
        (size_of::<Self>() + SLOT_BYTES + self.player.heap_bytes() + heap) as u64
    }

    /// Whether the row in the store may be older.
    pub(crate) fn is_newer_than_row(&self) -> bool {
        self.dirty || self.writing
    }
}

/// The players in memory.
pub(crate) struct Players {
    entries: Table<Entry>,
    hand: usize,
    bytes: u64,
    tails: usize,
    /// Hunts all of whose players are here: who is not has no row.
    whole: BTreeSet<HuntNumber>,
}

impl Players {
    /// No players; `seed` keeps callers from choosing ids that collide.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            entries: Table::new(seed),
            hand: 0,
            bytes: 0,
            tails: 0,
            whole: BTreeSet::new(),
        }
    }

    /// The hunt has begun, here or in the log's tail: whoever plays it comes to memory, and is missed only once evicted.
    pub(crate) fn hunt_begun(&mut self, hunt: HuntNumber) {
        self.whole.insert(hunt);
    }

    /// Whether the player is new to the hunt, so that there is no row to be read.
    pub(crate) fn is_new(&self, hunt: HuntNumber, player: &PlayerId) -> bool {
        self.whole.contains(&hunt) && self.get(hunt, player).is_none()
    }

    /// Adds a player who is new to the hunt; says how many bytes that takes. None if the player is not new.
    pub(crate) fn add_new(&mut self, hunt: HuntNumber, player: &PlayerId) -> Option<u64> {
        if !self.whole.contains(&hunt) {
            return None;
        }
        let key = PlayerKey {
            hunt,
            player: player.clone(),
        };
        let known = Known::State(PlayerState::default());
        let before = self.bytes;
        let (_, is_new) = self.insert(key, known, true);
        is_new.then(|| self.bytes - before)
    }

    /// How many are in memory.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many have a row that is still to be read below their tail.
    pub(crate) fn tails(&self) -> usize {
        self.tails
    }

    /// Bytes that they take.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The player, marked as used.
    pub(crate) fn touch(&mut self, hunt: HuntNumber, player: &PlayerId) -> Option<&mut Entry> {
        let entry = self.entries.get_mut(&(hunt, player))?;
        entry.referenced = true;
        Some(entry)
    }

    /// The player.
    pub(crate) fn get(&self, hunt: HuntNumber, player: &PlayerId) -> Option<&Entry> {
        self.entries.get(&(hunt, player))
    }

    /// Whether all of the player is in memory, not the log's tail only.
    pub(crate) fn has_state(&self, hunt: HuntNumber, player: &PlayerId) -> bool {
        self.get(hunt, player)
            .is_some_and(|entry| entry.state().is_some())
    }

    /// The player, who was at `place` before others were evicted.
    pub(crate) fn get_mut_near(
        &mut self,
        key: &PlayerKey,
        place: EntryPlace,
    ) -> Option<&mut Entry> {
        let place = self.entries.place_near(key, place.0)?;
        self.entries.at_mut(place)
    }

    /// All players of `hunt`.
    pub(crate) fn of_hunt(&self, hunt: HuntNumber) -> impl Iterator<Item = &Entry> {
        (self.entries.iter()).filter(move |entry| entry.hunt == hunt)
    }

    /// Where the player is, until one is evicted: whoever has more than one thing to do there looks once.
    pub(crate) fn place_of(&self, key: &PlayerKey) -> Option<EntryPlace> {
        self.entries.place_of(key).map(EntryPlace)
    }

    /// The player at a place. What is known changes through [`Players::change`] only.
    pub(crate) fn at_mut(&mut self, place: EntryPlace) -> Option<&mut Entry> {
        self.entries.at_mut(place.0)
    }

    /// Adds a state read from the store; an entry that knew only the log's tail takes it below that tail.
    pub(crate) fn loaded(&mut self, key: &PlayerKey, row: Option<PlayerState>) {
        let mut state = row.unwrap_or_default();
        let place = self.place_or_tail(key.clone(), true);
        let was_tail = self.change(place, |entry| {
            let Known::Tail(events) = &entry.known else {
                return false;
            };
            events.iter().for_each(|event| state.apply(event));
            entry.known = Known::State(state);
            true
        });
        self.tails -= usize::from(was_tail == Some(true));
    }

    /// Adds an event of the log's tail; says where.
    pub(crate) fn replay(&mut self, key: PlayerKey, event: Event) -> EntryPlace {
        let place = self.place_or_tail(key, false);
        self.change(place, |entry| match &mut entry.known {
            Known::State(state) => state.apply(&event),
            Known::Tail(events) => {
                // Most have one event, for which a list would make room for four.
                if events.len() == events.capacity() {
                    events.reserve_exact(events.len().max(1));
                }
                events.push(event);
            }
        });
        place
    }

    /// Where the player is, of whom only an empty tail is known if nothing was.
    fn place_or_tail(&mut self, key: PlayerKey, referenced: bool) -> EntryPlace {
        let (place, is_new) = self.insert(key, Known::Tail(Box::default()), referenced);
        self.tails += usize::from(is_new);
        place
    }

    /// Adds a player who is not there yet; says where the player is, and whether that is new.
    fn insert(&mut self, key: PlayerKey, known: Known, referenced: bool) -> (EntryPlace, bool) {
        let entry = |key| Entry::new(key, known, referenced);
        let (place, is_new) = self.entries.place_or_insert(key, entry);
        if is_new {
            self.bytes += self.entries.at(place).map_or(0, Entry::bytes);
        }
        (EntryPlace(place), is_new)
    }

    /// Changes what is known of the player at `place`.
    pub(crate) fn change<T>(
        &mut self,
        place: EntryPlace,
        change: impl FnOnce(&mut Entry) -> T,
    ) -> Option<T> {
        let entry = self.entries.at_mut(place.0)?;
        let before = entry.bytes();
        let told = change(entry);
        self.bytes = self.bytes + entry.bytes() - before;
        Some(told)
    }

    /// The counts are what is here.
    pub(crate) fn are_counted_right(&self) -> bool {
        let entries = self.entries.iter();
        let bytes: u64 = entries.clone().map(Entry::bytes).sum();
        let tails = entries.filter(|entry| entry.state().is_none()).count();
        (self.bytes, self.tails) == (bytes, tails)
    }

    /// How many can't be evicted, since the row in the store may be older.
    pub(crate) fn pinned(&self) -> usize {
        let entries = self.entries.iter();
        entries.filter(|entry| entry.is_newer_than_row()).count()
    }

    /// Evicts clean rows that were not used lately until `target` bytes are freed or `steps` rows were looked at.
    /// Says how many rows and bytes went.
    pub(crate) fn evict(&mut self, target: u64, steps: usize) -> (u64, u64) {
        let before = self.bytes;
        let mut rows = 0;
        // The first round takes the second chances, the second all that can go: a third would find nothing.
        for _ in 0..steps.min(2 * self.entries.len()) {
            if before - self.bytes >= target || self.entries.len() == 0 {
                break;
            }
            self.hand %= self.entries.len();
            let Some(entry) = self.entries.at_mut(self.hand) else {
                break;
            };
            let stays = entry.is_newer_than_row() || entry.state().is_none();
            if stays || std::mem::take(&mut entry.referenced) {
                self.hand += 1;
            } else {
                self.bytes -= entry.bytes();
                if let Some(entry) = self.entries.swap_remove(self.hand) {
                    self.whole.remove(&entry.hunt);
                }
                rows += 1;
            }
        }
        (rows, before - self.bytes)
    }
}
