//! The hunts of a shard. All of them stay in memory: they are few, and their schedules must fire.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hunt::{Definition, HuntId, HuntState, Millis};
use indexmap::IndexMap;

use crate::board::Board;
use crate::players::HuntNumber;

/// The most hunts of one shard.
pub(crate) const HUNTS_PER_SHARD_MAX: usize = 1_000;

/// One hunt in memory.
pub(crate) struct HuntSlot {
    /// Names it in keys of players.
    pub(crate) number: HuntNumber,
    /// The state as of the last event, committed or not.
    pub(crate) state: HuntState,
    /// Newer than the row in the store; it stands in the queue of dirty rows.
    pub(crate) dirty: bool,
    /// The ranking.
    pub(crate) board: Board,
    next_due: Option<Millis>,
    bytes: u64,
    shared: Option<Arc<Definition>>,
}

impl HuntSlot {
    /// The definition, to be shared with other cores.
    pub(crate) fn definition(&mut self) -> Arc<Definition> {
        let state = &self.state;
        self.shared
            .get_or_insert_with(|| Arc::new(state.definition().clone()))
            .clone()
    }

    /// When the schedule has something to do.
    pub(crate) fn next_due(&self) -> Option<Millis> {
        self.next_due
    }

    /// To be called after the definition or the schedule's place in it changed.
    pub(crate) fn rescheduled(&mut self) {
        self.next_due = self.state.next_due();
        self.bytes = self.state.memory_bytes() as u64;
        self.shared = None;
    }
}

/// The hunts of a shard.
#[derive(Default)]
pub(crate) struct Hunts {
    /// A hunt's place is its number: hunts are never removed.
    slots: IndexMap<HuntId, HuntSlot, FixedState>,
}

impl Hunts {
    /// Adds a hunt.
    pub(crate) fn insert(&mut self, state: HuntState) -> &mut HuntSlot {
        let id = state.id().clone();
        let number = HuntNumber::try_from(self.slots.len())
            .expect("a shard has at most HUNTS_PER_SHARD_MAX hunts");
        let mut slot = HuntSlot {
            number,
            state,
            dirty: false,
            board: Board::Absent,
            next_due: None,
            bytes: 0,
            shared: None,
        };
        slot.rescheduled();
        self.slots.entry(id).insert_entry(slot).into_mut()
    }

    /// The hunt.
    pub(crate) fn get(&self, id: &HuntId) -> Option<&HuntSlot> {
        self.slots.get(id)
    }

    /// The hunt.
    pub(crate) fn get_mut(&mut self, id: &HuntId) -> Option<&mut HuntSlot> {
        self.slots.get_mut(id)
    }

    /// The hunt with this number.
    pub(crate) fn id_of(&self, number: HuntNumber) -> Option<&HuntId> {
        let slot = self.slots.get_index(number as usize);
        slot.map(|(id, _)| id)
    }

    /// All hunts, in the order in which they came to memory.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&HuntId, &HuntSlot)> {
        self.slots.iter()
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Bytes that hunts and rankings take.
    pub(crate) fn bytes(&self) -> u64 {
        self.slots
            .values()
            .map(|slot| slot.bytes + slot.board.bytes())
            .sum()
    }

    /// When some schedule has something to do.
    pub(crate) fn next_due(&self) -> Option<Millis> {
        self.slots.values().filter_map(HuntSlot::next_due).min()
    }
}
