//! The players of a shard that are in memory: a cache of their rows, plus what is newer than the rows.
//!
//! Rows are evicted by the CLOCK algorithm (Corbató, 1969), which approximates least recently used with one bit per
//! row. A row that is newer in memory than in the store is never evicted.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

use hunt::{BoardKey, Event, EventBody, PlayerId, PlayerState};
use indexmap::Equivalent;

use crate::table::{SLOT_BYTES, Table};

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

impl Equivalent<PlayerKey> for (HuntNumber, &PlayerId) {
    fn equivalent(&self, key: &PlayerKey) -> bool {
        self.0 == key.hunt && *self.1 == key.player
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
    Tail(Vec<Event>),
}

/// One player in memory.
pub(crate) struct Entry {
    /// What is known.
    pub(crate) known: Known,
    /// Newer than the row in the store; it stands in the queue of dirty rows.
    pub(crate) dirty: bool,
    /// The row is being written right now.
    pub(crate) writing: bool,
    referenced: bool,
    bytes: u32,
}

impl Entry {
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

    /// Bytes that it takes, with its key.
    fn weigh(&self) -> u32 {
        let heap = match &self.known {
            Known::State(state) => state
                .memory_bytes()
                .saturating_sub(size_of::<PlayerState>()),
            Known::Tail(events) => events.len() * size_of::<Event>(),
        };
        u32::try_from(ENTRY_BYTES + heap).unwrap_or(u32::MAX)
    }

    /// Whether the row in the store may be older.
    pub(crate) fn is_newer_than_row(&self) -> bool {
        self.dirty || self.writing
    }
}

/// Fixed cost of an entry: key, slot, flags.
const ENTRY_BYTES: usize = size_of::<PlayerKey>() + size_of::<Entry>() + SLOT_BYTES;

/// The players in memory.
pub(crate) struct Players {
    entries: Table<PlayerKey, Entry>,
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
        let bytes = ENTRY_BYTES as u32;
        let (_, is_new) = self.entries.place_or_insert(key, || Entry {
            known: Known::State(PlayerState::default()),
            dirty: false,
            writing: false,
            referenced: true,
            bytes,
        });
        if !is_new {
            return None;
        }
        self.bytes += u64::from(bytes);
        Some(bytes.into())
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
    pub(crate) fn of_hunt(&self, hunt: HuntNumber) -> impl Iterator<Item = (&PlayerId, &Entry)> {
        self.entries
            .iter()
            .filter(move |(key, _)| key.hunt == hunt)
            .map(|(key, entry)| (&key.player, entry))
    }

    /// Where the player is, until one is evicted: whoever has more than one thing to do there looks once.
    pub(crate) fn place_of(&self, key: &PlayerKey) -> Option<EntryPlace> {
        self.entries.place_of(key).map(EntryPlace)
    }

    /// The player at a place.
    pub(crate) fn at_mut(&mut self, place: EntryPlace) -> Option<&mut Entry> {
        self.entries.at_mut(place.0)
    }

    /// Adds a state read from the store; an entry that knew only the log's tail takes it below that tail.
    pub(crate) fn loaded(&mut self, key: &PlayerKey, row: Option<PlayerState>) {
        let mut state = row.unwrap_or_default();
        let place = self.place_or_tail(key.clone(), true);
        if let Some(entry) = self.at_mut(place)
            && let Known::Tail(events) = &entry.known
        {
            events.iter().for_each(|event| state.apply(event));
            entry.known = Known::State(state);
            self.tails -= 1;
        }
        self.account(place);
    }

    /// Adds an event of the log's tail; says where.
    pub(crate) fn replay(&mut self, key: PlayerKey, event: Event) -> EntryPlace {
        let place = self.place_or_tail(key, false);
        match self.at_mut(place).map(|entry| &mut entry.known) {
            Some(Known::State(state)) => state.apply(&event),
            Some(Known::Tail(events)) => events.push(event),
            None => {}
        }
        self.account(place);
        place
    }

    /// Where the player is, of whom only an empty tail is known if nothing was.
    fn place_or_tail(&mut self, key: PlayerKey, referenced: bool) -> EntryPlace {
        let (place, is_new) = self.entries.place_or_insert(key, || Entry {
            known: Known::Tail(Vec::new()),
            dirty: false,
            writing: false,
            referenced,
            bytes: 0,
        });
        self.tails += usize::from(is_new);
        EntryPlace(place)
    }

    /// Brings the count of bytes up to date after the player at `place` changed.
    pub(crate) fn account(&mut self, place: EntryPlace) {
        let Some(entry) = self.entries.at_mut(place.0) else {
            return;
        };
        let bytes = entry.weigh();
        self.bytes = self.bytes + u64::from(bytes) - u64::from(entry.bytes);
        entry.bytes = bytes;
    }

    /// The counts are what is here.
    pub(crate) fn are_counted_right(&self) -> bool {
        let entries = self.entries.iter().map(|(_, entry)| entry);
        let bytes: u64 = entries.clone().map(|entry| u64::from(entry.weigh())).sum();
        let tails = entries.filter(|entry| entry.state().is_none()).count();
        (self.bytes, self.tails) == (bytes, tails)
    }

    /// How many can't be evicted, since the row in the store may be older.
    pub(crate) fn pinned(&self) -> usize {
        let entries = self.entries.iter();
        entries
            .filter(|(_, entry)| entry.is_newer_than_row())
            .count()
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
                self.bytes -= u64::from(entry.bytes);
                if let Some((key, _)) = self.entries.swap_remove(self.hand) {
                    self.whole.remove(&key.hunt);
                }
                rows += 1;
            }
        }
        (rows, before - self.bytes)
    }
}
