//! What operators do to a running hunt.

use super::Decision;
use crate::{
    EventBody, HuntState, Phase, Refusal, Reply, RequestTag, TreasureId, limits::STOCK_MAX,
};

/// Goes on to a phase ahead of the schedule. To be there already is no fault; there is no way back.
pub(super) fn enter(hunt: &HuntState, to: Phase, request: RequestTag) -> Decision {
    let phase = hunt.phase();
    if phase == to {
        return Decision::Answer(Reply::Phase { phase });
    }
    let wrong = |needs: &'static str| {
        let needs = needs.into();
        Decision::refuse(Refusal::WrongPhase { phase, needs })
    };
    match (phase, to) {
        (Phase::Scheduled, Phase::Frozen) => wrong("open it before you freeze it"),
        (from, to) if from < to => Decision::Event(EventBody::PhaseChanged {
            phase: to,
            request: Some(request),
        }),
        _ => wrong("a hunt never goes back to an earlier phase"),
    }
}

/// Adds stock to a treasure that has a finite one.
pub(super) fn restock(
    hunt: &HuntState,
    id: &TreasureId,
    add: u64,
    request: RequestTag,
) -> Decision {
    let Some(treasure) = hunt.definition().treasure_index(id) else {
        return Decision::refuse(Refusal::UnknownTreasure);
    };
    let mismatch = |detail: String| Decision::refuse(Refusal::Mismatch { detail });
    if add == 0 {
        return mismatch("add is 0: add at least 1".to_owned());
    }
    let Some(left) = hunt.stock_left(treasure) else {
        return mismatch(format!(
            "{id} is unlimited: only finite stock can be added to"
        ));
    };
    let room = STOCK_MAX
        .saturating_sub(hunt.granted(treasure))
        .saturating_sub(left);
    if add > room {
        return mismatch(format!("add is {add}: {id} can take at most {room} more"));
    }
    Decision::Event(EventBody::Restocked {
        treasure,
        add,
        stock_left: left.saturating_add(add),
        request,
    })
}
