//! The players of a shard that are in memory: a cache of their rows, plus what is newer than the rows.
//!
//! Rows are evicted by the CLOCK algorithm (Corbató, 1969), which approximates least recently used with one bit per
//! row. A row that is newer in memory than in the store is never evicted.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

use foldhash::fast::FixedState;
use hunt::{BoardKey, Event, EventBody, PlayerId, PlayerState};
use indexmap::map::Entry::Vacant;
use indexmap::{Equivalent, IndexMap};

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

/// Fixed cost of an entry: key, hash, slot, flags.
const ENTRY_BYTES: usize = size_of::<PlayerKey>() + size_of::<Entry>() + 2 * size_of::<usize>();

/// The players in memory.
pub(crate) struct Players {
    entries: IndexMap<PlayerKey, Entry, FixedState>,
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
            entries: IndexMap::with_hasher(FixedState::with_seed(seed)),
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
        self.whole.contains(&hunt) && !self.entries.contains_key(&(hunt, player))
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
        let Vacant(place) = self.entries.entry(key) else {
            return None;
        };
        let bytes = ENTRY_BYTES as u32;
        place.insert(Entry {
            known: Known::State(PlayerState::default()),
            dirty: false,
            writing: false,
            referenced: true,
            bytes,
        });
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

    /// The player.
    pub(crate) fn get_mut(&mut self, key: &PlayerKey) -> Option<&mut Entry> {
        self.entries.get_mut(key)
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
        self.entries.get_index_of(key).map(EntryPlace)
    }

    /// The player at a place.
    pub(crate) fn at_mut(&mut self, place: EntryPlace) -> Option<&mut Entry> {
        self.entries.get_index_mut(place.0).map(|(_, entry)| entry)
    }

    /// Adds a state read from the store; an entry that knew only the log's tail takes it below that tail.
    pub(crate) fn loaded(&mut self, key: &PlayerKey, row: Option<PlayerState>) {
        let mut state = row.unwrap_or_default();
        let place = match self.entries.get_full_mut(key) {
            Some((index, _, entry)) => {
                if let Known::Tail(events) = &entry.known {
                    events.iter().for_each(|event| state.apply(event));
                    entry.known = Known::State(state);
                    self.tails -= 1;
                }
                index
            }
            None => {
                let entry = Entry {
                    known: Known::State(state),
                    dirty: false,
                    writing: false,
                    referenced: true,
                    bytes: 0,
                };
                self.entries.insert_full(key.clone(), entry).0
            }
        };
        self.account(EntryPlace(place));
    }

    /// Adds an event of the log's tail; says where.
    pub(crate) fn replay(&mut self, key: PlayerKey, event: Event) -> EntryPlace {
        let tails = &mut self.tails;
        let entry = self.entries.entry(key);
        let place = EntryPlace(entry.index());
        let entry = entry.or_insert_with(|| {
            *tails += 1;
            Entry {
                known: Known::Tail(Vec::new()),
                dirty: false,
                writing: false,
                referenced: false,
                bytes: 0,
            }
        });
        match &mut entry.known {
            Known::State(state) => state.apply(&event),
            Known::Tail(events) => events.push(event),
        }
        self.account(place);
        place
    }

    /// Brings the count of bytes up to date after the player at `place` changed.
    pub(crate) fn account(&mut self, place: EntryPlace) {
        let Some((_, entry)) = self.entries.get_index_mut(place.0) else {
            return;
        };
        let bytes = entry.weigh();
        self.bytes = self.bytes + u64::from(bytes) - u64::from(entry.bytes);
        entry.bytes = bytes;
    }

    /// The counts are what is here.
    pub(crate) fn are_counted_right(&self) -> bool {
        let entries = self.entries.values();
        let bytes: u64 = entries.clone().map(|entry| u64::from(entry.weigh())).sum();
        let tails = entries.filter(|entry| entry.state().is_none()).count();
        (self.bytes, self.tails) == (bytes, tails)
    }

    /// How many can't be evicted, since the row in the store may be older.
    pub(crate) fn pinned(&self) -> usize {
        let entries = self.entries.values();
        entries.filter(|entry| entry.is_newer_than_row()).count()
    }

    /// Evicts clean rows that were not used lately until `target` bytes are freed or `steps` rows were looked at.
    /// Says how many rows and bytes went.
    pub(crate) fn evict(&mut self, target: u64, steps: usize) -> (u64, u64) {
        let before = self.bytes;
        let mut rows = 0;
        // The first round takes the second chances, the second all that can go: a third would find nothing.
        for _ in 0..steps.min(2 * self.entries.len()) {
            if before - self.bytes >= target || self.entries.is_empty() {
                break;
            }
            self.hand %= self.entries.len();
            let Some((_, entry)) = self.entries.get_index_mut(self.hand) else {
                break;
            };
            let stays = entry.is_newer_than_row() || entry.state().is_none();
            if stays || std::mem::take(&mut entry.referenced) {
                self.hand += 1;
            } else {
                self.bytes -= u64::from(entry.bytes);
                if let Some((key, _)) = self.entries.swap_remove_index(self.hand) {
                    self.whole.remove(&key.hunt);
                }
                rows += 1;
            }
        }
        (rows, before - self.bytes)
    }
}
