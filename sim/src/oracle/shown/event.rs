//! An event in a feed.

use hunt::{Definition, Event, EventBody, Granted, ShardId};
use serde_json::{Value, json};

use super::{clue_ids, moment, named, treasure_id};

/// The event with names in place of numbers, by a definition of its hunt.
pub(in crate::oracle) fn event(event: &Event, definition: &Definition, shard: ShardId) -> Value {
    let (kind, mut shown) = body(event, definition, shard);
    shown["type"] = kind.into();
    shown["shard"] = shard.into();
    shown["seq"] = event.seq.into();
    shown["at"] = moment(event.at).into();
    shown["hunt"] = event.hunt.as_str().into();
    if let Some(player) = event.body.player() {
        shown["player"] = player.as_str().into();
    }
    shown
}

/// What the type is called, and what it has of its own.
fn body(event: &Event, definition: &Definition, shard: ShardId) -> (&'static str, Value) {
    let clue = |index| clue_ids(definition, &[index]).pop();
    let grants = |grants: &[Granted]| -> Vec<Value> {
        let placed = (1..).zip(grants);
        placed
            .map(|(place, granted): (u16, _)| {
                json!({
                    "id": format!("{shard}-{}-{place}", event.seq),
                    "treasure": treasure_id(definition, granted.treasure),
                    "nth": granted.nth,
                })
            })
            .collect()
    };
    match &event.body {
        EventBody::Put {
            definition,
            created,
            ..
        } => {
            let kind = if *created { "created" } else { "replaced" };
            let clues = definition.clues().iter().map(|clue| clue.id.as_str());
            let treasures = definition.treasures().iter().map(|each| each.id.as_str());
            let (clues, treasures): (Vec<_>, Vec<_>) = (clues.collect(), treasures.collect());
            let shown = json!({
                "title": definition.title(), "clues": clues, "treasures": treasures,
            });
            (kind, shown)
        }
        EventBody::PhaseChanged { phase, .. } => {
            ("phase_changed", json!({ "phase": named(*phase) }))
        }
        EventBody::ClueUnlocked { clue: index } => {
            ("clue_unlocked", json!({ "clue": clue(*index) }))
        }
        EventBody::Restocked {
            treasure,
            add,
            stock_left,
            ..
        } => {
            let treasure = treasure_id(definition, *treasure);
            let shown = json!({ "treasure": treasure, "added": add, "stock_left": stock_left });
            ("restocked", shown)
        }
        EventBody::Joined { .. } => ("joined", json!({})),
        EventBody::Solved {
            clue: index,
            points,
            score,
            joined,
            ranked,
            unlocked,
            grants: won,
            ..
        } => {
            let shown = json!({
                "clue": clue(*index), "points": points, "score": score, "joined": joined,
                "ranked": ranked, "unlocked": clue_ids(definition, unlocked), "grants": grants(won),
            });
            ("solved", shown)
        }
        EventBody::Missed {
            clue: index,
            guesses_left,
            joined,
            ..
        } => {
            let mut shown = json!({ "clue": clue(*index), "joined": joined });
            if let Some(left) = guesses_left {
                shown["guesses_left"] = (*left).into();
            }
            ("missed", shown)
        }
        EventBody::Claimed { grant, joined, .. } => {
            let treasure = treasure_id(definition, grant.treasure);
            let won = grants(std::slice::from_ref(grant));
            let shown = json!({ "treasure": treasure, "joined": joined, "grants": won });
            ("claimed", shown)
        }
    }
}
