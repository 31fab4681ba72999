//! What a hunt does by itself. It fires from state, so it fires once: an event that took effect, by the schedule or
//! by an operator who was earlier, is no longer next.

use crate::{Definition, EventBody, Index, Millis, Phase, Unlock, hunt_state::Tally};

/// What the schedule does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Next {
    /// When.
    pub(crate) at: Millis,
    what: What,
}

/// In the order in which they happen if their times are the same: who closes a hunt at noon still gets the clue that
/// unlocks at noon into the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Unlock(Index),
    Enter(Phase),
}

impl Next {
    /// The earliest of all that is still to come; `None` if nothing is.
    pub(crate) fn of(definition: &Definition, tally: &Tally) -> Option<Self> {
        let schedule = definition.schedule();
        let enter = |at: Option<Millis>, phase| {
            at.map(|at| Self {
                at,
                what: What::Enter(phase),
            })
        };
        let opens =
            enter(schedule.opens_at, Phase::Open).filter(|_| tally.phase == Phase::Scheduled);
        let freezes =
            enter(schedule.freezes_at, Phase::Frozen).filter(|_| tally.phase == Phase::Open);
        let closes =
            enter(schedule.closes_at, Phase::Closed).filter(|_| tally.phase < Phase::Closed);
        let unlocks = if tally.phase.is_played() {
            unlocks(definition, tally)
        } else {
            None
        };
        [opens, freezes, closes, unlocks]
            .into_iter()
            .flatten()
            .min()
    }

    /// As an event.
    pub(crate) fn body(self) -> EventBody {
        match self.what {
            What::Unlock(clue) => EventBody::ClueUnlocked { clue },
            What::Enter(phase) => EventBody::PhaseChanged {
                phase,
                request: None,
            },
        }
    }
}

fn unlocks(definition: &Definition, tally: &Tally) -> Option<Next> {
    let clues = definition.clues().iter().zip(&tally.clues).zip(0..);
    let waiting = clues.filter_map(|((clue, tally), index)| match clue.unlock {
        Unlock::At(at) if !tally.announced => Some(Next {
            at,
            what: What::Unlock(index),
        }),
        _ => None,
    });
    waiting.min()
}
