//! Answers to commands.

use hunt::{Definition, Event, EventBody, Reply, ShardId};
use serde_json::{Value, json};

use super::{clue_ids, grant, moment, named, treasure_id};

/// What the command is answered whose event this is.
pub(in crate::oracle) fn effect(event: &Event, definition: &Definition, shard: ShardId) -> Value {
    let one = |treasure, place| grant(treasure, (event.seq, event.at, place), definition, shard);
    match &event.body {
        EventBody::Put { created, .. } => json!({
            "outcome": if *created { "created" } else { "replaced" },
            "seq": event.seq,
        }),
        EventBody::PhaseChanged { phase, .. } => {
            json!({ "outcome": "phase", "phase": named(*phase) })
        }
        EventBody::ClueUnlocked { .. } => Value::Null,
        EventBody::Restocked {
            treasure,
            add,
            stock_left,
            ..
        } => json!({
            "outcome": "restocked",
            "treasure": treasure_id(definition, *treasure),
            "added": add,
            "stock_left": stock_left,
        }),
        EventBody::Joined { .. } => json!({ "outcome": "joined", "at": moment(event.at) }),
        EventBody::Solved {
            points,
            score,
            unlocked,
            grants,
            ..
        } => json!({
            "outcome": "solved",
            "points": points,
            "score": score,
            "unlocked": clue_ids(definition, unlocked),
            "grants": (1..).zip(grants)
                .map(|(place, granted)| one(granted.treasure, place))
                .collect::<Vec<_>>(),
        }),
        EventBody::Missed {
            guesses_left: Some(left),
            ..
        } => json!({ "outcome": "wrong", "guesses_left": left }),
        EventBody::Missed { .. } => json!({ "outcome": "wrong" }),
        EventBody::Claimed { grant, .. } => {
            json!({ "outcome": "granted", "grant": one(grant.treasure, 1) })
        }
    }
}

/// The name by which the product knows an answer of the rules; none for those that are HTTP errors.
pub(in crate::oracle) fn outcome(reply: &Reply) -> Option<&'static str> {
    Some(match reply {
        Reply::Created { .. } => "created",
        Reply::Replaced { .. } => "replaced",
        Reply::Phase { .. } => "phase",
        Reply::Restocked { .. } => "restocked",
        Reply::Joined { .. } => "joined",
        Reply::AlreadyJoined { .. } => "already_joined",
        Reply::Solved { .. } => "solved",
        Reply::Wrong { .. } => "wrong",
        Reply::AlreadySolved { .. } => "already_solved",
        Reply::Locked => "locked",
        Reply::OutOfGuesses => "out_of_guesses",
        Reply::TooSoon { .. } => "too_soon",
        Reply::Granted { .. } => "granted",
        Reply::AlreadyGranted { .. } => "already_granted",
        Reply::SoldOut => "sold_out",
        Reply::NotEligible { .. } => "not_eligible",
        Reply::Refused(_) => return None,
    })
}
