//! stub
use crate::{Definition, Event, EventBody, HuntId, Index, Millis, Phase, Seq};
/// The state of one hunt: the fold of its events.
#[derive(Clone, Debug, PartialEq)]
pub struct HuntState {
    definition: Definition,
    seq: Seq,
    phase: Phase,
    players: u64,
}
impl HuntState {
    /// The state after the event that made the hunt.
    ///
    /// # Panics
    /// If the event is not `EventBody::Put`.
    pub fn created(_event: &Event) -> Self {
        unimplemented!()
    }
    /// Takes an event in; one that is not newer than [`Self::seq`], or of another hunt, changes nothing.
    pub fn apply(&mut self, _event: &Event) {
        unimplemented!()
    }
    /// The hunt's id.
    pub fn id(&self) -> &HuntId {
        self.definition.id()
    }
    /// The last event that is in it.
    pub fn seq(&self) -> Seq {
        self.seq
    }
    /// The phase.
    pub fn phase(&self) -> Phase {
        self.phase
    }
    /// The definition.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }
    /// Players who joined.
    pub fn players(&self) -> u64 {
        self.players
    }
    /// How many players solved a clue.
    pub fn solves(&self, _clue: Index) -> u64 {
        unimplemented!()
    }
    /// Units left of a treasure; `None` is no limit.
    pub fn stock_left(&self, _treasure: Index) -> Option<u64> {
        unimplemented!()
    }
    /// Units granted of a treasure.
    pub fn granted(&self, _treasure: Index) -> u64 {
        unimplemented!()
    }
    /// The next thing that the schedule does, if its time has come.
    pub fn due(&self, _now: Millis) -> Option<EventBody> {
        unimplemented!()
    }
    /// When the schedule does something next.
    pub fn next_due(&self) -> Option<Millis> {
        unimplemented!()
    }
    /// Bytes in memory, with all that it points to.
    pub fn memory_bytes(&self) -> usize {
        unimplemented!()
    }
}
