//! Claiming: may the player have it, and is there any left.

use super::{Asker, Decision};
use crate::{Award, EventBody, Granted, Refusal, Reply, TreasureId, grant};

pub(super) fn decide(asker: &Asker<'_>, id: &TreasureId) -> Decision {
    let (hunt, definition) = (asker.hunt, asker.hunt.definition());
    let found = definition
        .treasure_index(id)
        .and_then(|index| Some((index, definition.treasure(index)?)));
    let Some((index, treasure)) = found else {
        return Decision::refuse(Refusal::UnknownTreasure);
    };
    if let Err(refusal) = asker.check_played() {
        return Decision::refuse(refusal);
    }
    let (count, first) = asker.state.grants_of(index);
    if let Some(first) = first.filter(|_| count >= treasure.per_player) {
        return Decision::Answer(Reply::AlreadyGranted {
            grant: grant(first.place(), definition, asker.shard),
        });
    }
    let Award::Claim { requires } = &treasure.award else {
        return Decision::Answer(Reply::NotEligible {
            missing: Vec::new(),
        });
    };
    if !requires.is_empty() {
        let solved = asker.state.solved_set();
        let missing = requires.iter().filter(|clue| !solved.contains(**clue));
        let missing: Vec<_> = missing
            .filter_map(|clue| definition.clue(*clue))
            .map(|clue| clue.id.clone())
            .collect();
        if !missing.is_empty() {
            return Decision::Answer(Reply::NotEligible { missing });
        }
    }
    if hunt.stock_left(index) == Some(0) {
        return Decision::Answer(Reply::SoldOut);
    }
    Decision::Event(EventBody::Claimed {
        player: asker.player.clone(),
        grant: Granted {
            treasure: index,
            nth: hunt.granted(index).saturating_add(1),
        },
        joined: asker.joins(),
        request: asker.request,
    })
}
