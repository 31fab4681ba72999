//! What people see of a hunt: plain structs that serialise to the bodies of HTTP answers.
use crate::{Definition, Event, HuntState, Millis, PlayerState, ShardId};
use serde::Serialize;
/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// A player: unlocked clues only.
    Player,
    /// A service or an operator: all clues and the schedule.
    Staff,
}
/// A hunt.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HuntView {}
/// A hunt in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HuntSummary {}
/// How a hunt goes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stats {}
/// How far a player is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Progress {}
/// An event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventView {}
/// A hunt as somebody may see it.
pub fn hunt_view(_hunt: &HuntState, _player: Option<&PlayerState>, _audience: Audience, _now: Millis) -> HuntView {
    unimplemented!()
}
/// A hunt as it stands in a list.
pub fn hunt_summary(_hunt: &HuntState) -> HuntSummary {
    unimplemented!()
}
/// How a hunt goes.
pub fn stats(_hunt: &HuntState) -> Stats {
    unimplemented!()
}
/// How far a player is.
pub fn progress(_hunt: &HuntState, _player: &PlayerState, _shard: ShardId) -> Progress {
    unimplemented!()
}
/// An event with ids in place of indexes.
pub fn event_view(_event: &Event, _definition: &Definition, _shard: ShardId) -> EventView {
    unimplemented!()
}
