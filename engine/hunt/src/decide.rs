//! stub
use crate::{Command, EventBody, HuntState, Millis, PlayerState, Reply, Seq};
/// What becomes of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// It takes effect: append this event, then answer with `Reply::of` it.
    Event(EventBody),
    /// It changes nothing: answer this.
    Answer(Reply),
    /// It took effect before, by the event at this place: answer with `Reply::of` that event again.
    Replay(Seq),
}
/// Decides a command.
pub fn decide(
    _hunt: Option<&HuntState>,
    _player: Option<&PlayerState>,
    _command: &Command,
    _now: Millis,
) -> Decision {
    unimplemented!()
}
