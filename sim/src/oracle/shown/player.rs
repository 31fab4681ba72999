//! How far a player is.

use hunt::PlayerId;
use serde_json::{Value, json};

use super::{grant, maybe, moment};
use crate::oracle::model::{Model, Player};

/// How far a player is in the hunt of the model.
pub(in crate::oracle) fn progress(model: &Model<'_>, player: &PlayerId, shard: u16) -> Value {
    let stranger = Player::default();
    let player = model.players.get(player).unwrap_or(&stranger);
    let clues = model.definition.clues();
    let per_clue = model.definition.guesses().per_clue;
    let clue = |index: u16| clues.get(usize::from(index));
    let solved = player.solved.iter().filter_map(|(index, at)| {
        let clue = clue(*index)?;
        Some(json!({ "clue": clue.id.as_str(), "points": clue.points, "at": moment(*at) }))
    });
    let guesses = player.misses.iter().filter_map(|misses| {
        let left = per_clue.map(|max| max.saturating_sub(misses.used));
        let clue = clue(misses.clue)?;
        Some(json!({ "clue": clue.id.as_str(), "used": misses.used, "left": left }))
    });
    let grants = player.units.iter().map(|unit| {
        let place = (unit.seq, unit.at, unit.place);
        grant(unit.treasure, place, model.definition, shard)
    });
    json!({
        "hunt": model.definition.id().as_str(),
        "joined": player.joined_at.is_some(),
        "joined_at": maybe(player.joined_at),
        "score": player.score,
        "solved": solved.collect::<Vec<_>>(),
        "guesses": guesses.collect::<Vec<_>>(),
        "grants": grants.collect::<Vec<_>>(),
        "seq": player.seq,
    })
}
