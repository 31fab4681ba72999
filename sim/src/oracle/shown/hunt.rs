//! A hunt: in a list, as players and staff see it, and in figures.

use hunt::{Audience, Award, Clue, Definition, Index, Millis, Phase, PlayerId, Solve, Unlock};
use serde_json::{Map, Value, json};

use super::{clue_ids, maybe, moment, named, treasure_id};
use crate::oracle::model::{Model, Player};

/// The hunt in a list.
pub(in crate::oracle) fn summary(model: &Model<'_>) -> Value {
    let mut shown = head(model);
    shown["clues"] = model.definition.clues().len().into();
    shown["treasures"] = model.definition.treasures().len().into();
    shown
}

/// The hunt as somebody sees it at a moment.
pub(in crate::oracle) fn hunt(
    model: &Model<'_>,
    player: Option<&PlayerId>,
    audience: Audience,
    now: Millis,
) -> Value {
    let definition = model.definition;
    let is_staff = audience == Audience::Staff;
    let stranger = Player::default();
    let known = player.map(|player| model.players.get(player).unwrap_or(&stranger));
    let sees = |clue: &Clue| {
        let unlocks = known.unwrap_or(&stranger).unlocks(&clue.unlock, now);
        is_staff || (model.phase != Phase::Scheduled && unlocks)
    };
    let all = (0..).zip(definition.clues());
    let clues: Vec<Value> = all
        .filter(|(_, clue)| sees(clue))
        .map(|(index, clue)| {
            let mut shown = clue_view(definition, clue, is_staff);
            if let Some(known) = known {
                shown["solved"] = known.has_solved(index).into();
            }
            shown
        })
        .collect();
    let treasures = (0..).zip(definition.treasures());
    let treasures = treasures.map(|(index, _)| treasure_view(model, index, is_staff));
    let guesses = definition.guesses();
    let mut shown = head(model);
    shown["guesses"] = json!({ "per_clue": guesses.per_clue, "cooldown_ms": guesses.cooldown_ms });
    shown["locked_clues"] = (definition.clues().len() - clues.len()).into();
    shown["clues"] = clues.into();
    shown["treasures"] = treasures.collect::<Vec<_>>().into();
    if is_staff {
        shown["seq"] = model.seq.into();
    }
    shown
}

/// How the hunt goes, in figures.
pub(in crate::oracle) fn stats(model: &Model<'_>) -> Value {
    let definition = model.definition;
    let solves = (0..)
        .zip(definition.clues())
        .map(|(index, clue): (Index, _)| {
            let solves = model.solves.get(&index).copied().unwrap_or(0);
            (clue.id.as_str().to_owned(), solves.into())
        });
    let by_treasure = |figure: &dyn Fn(Index) -> Value| {
        let treasures = (0..).zip(definition.treasures());
        let figures = treasures.map(|(index, each)| (each.id.as_str().to_owned(), figure(index)));
        Value::Object(figures.collect())
    };
    let granted = |index: Index| model.granted.get(usize::from(index)).copied();
    json!({
        "hunt": definition.id().as_str(),
        "phase": named(model.phase),
        "seq": model.seq,
        "players": model.joined,
        "solves": Value::Object(solves.collect::<Map<_, _>>()),
        "stock_left": by_treasure(&|index| model.left_of(index).into()),
        "granted": by_treasure(&|index| granted(index).unwrap_or(0).into()),
    })
}

/// What a list and a view both show.
fn head(model: &Model<'_>) -> Value {
    let (definition, schedule) = (model.definition, model.definition.schedule());
    json!({
        "id": definition.id().as_str(),
        "title": definition.title(),
        "phase": named(model.phase),
        "opens_at": maybe(schedule.opens_at),
        "freezes_at": maybe(schedule.freezes_at),
        "closes_at": maybe(schedule.closes_at),
        "players": model.joined,
    })
}

fn clue_view(definition: &Definition, clue: &Clue, is_staff: bool) -> Value {
    let solve = match &clue.solve {
        Solve::Answer(_) => "answer",
        Solve::CheckIn(_) => "check_in",
        Solve::Scan(_) => "scan",
    };
    let mut shown = json!({
        "id": clue.id.as_str(),
        "title": clue.title,
        "text": clue.text,
        "points": clue.points,
        "solve": solve,
    });
    if !is_staff {
        return shown;
    }
    if let Solve::CheckIn(place) = &clue.solve {
        shown["place"] = json!({
            "lat": place.lat, "lon": place.lon,
            "radius_m": place.radius_m, "accuracy_max_m": place.accuracy_max_m,
        });
    }
    shown["unlock"] = match &clue.unlock {
        Unlock::Open => "open".into(),
        Unlock::After(of) => json!({ "after": clue_ids(definition, of) }),
        Unlock::At(at) => json!({ "at": moment(*at) }),
        Unlock::Any { count, of } => json!({ "any": count, "of": clue_ids(definition, of) }),
    };
    let grants = clue
        .grants
        .iter()
        .map(|index| treasure_id(definition, *index));
    shown["grants"] = grants.collect::<Vec<_>>().into();
    shown
}

fn treasure_view(model: &Model<'_>, index: Index, is_staff: bool) -> Value {
    let Some(treasure) = model.definition.treasures().get(usize::from(index)) else {
        return Value::Null;
    };
    let (award, clues) = match &treasure.award {
        Award::OnSolve => ("on_solve", Vec::new()),
        Award::Claim { requires } => ("claim", requires.clone()),
        Award::FirstToSolve(clue) => ("first_to_solve", vec![*clue]),
    };
    let mut shown = json!({
        "id": treasure.id.as_str(),
        "title": treasure.title,
        "per_player": treasure.per_player,
        "stock_left": model.left_of(index),
        "award": award,
    });
    if is_staff {
        shown["clues"] = clue_ids(model.definition, &clues).into();
    }
    shown
}
