//! What an operator wrote is what the log holds: each definition that was put, compared with its JSON field by field.

use hunt::{Award, Clue, Definition, EventBody, Index, Millis, Solve, Treasure, Unlock};
use serde_json::{Value, json};

use crate::draw::Chance;
use crate::oracle::{Evidence, shown};

/// Each definition is compared by one seed of so many: there are few, and all are put again and again.
const SOME: u64 = 2;

pub(super) fn check(evidence: &Evidence<'_>, chance: &mut Chance) -> Result<(), String> {
    let scene = evidence.plan.workload.scene(evidence.plan.seed);
    for (hunt, log) in evidence.ledger.hunts() {
        let Some(stage) = scene.stages.iter().find(|stage| stage.id == *hunt) else {
            continue;
        };
        for placed in &log.events {
            let EventBody::Put { definition, .. } = &placed.event.body else {
                continue;
            };
            if chance.below(SOME) > 0 {
                continue;
            }
            let Some(version) = stage.version_of(definition.title()) else {
                return Err(format!(
                    "hunt {hunt} has the title {:?}",
                    definition.title()
                ));
            };
            same(definition, &stage.json(version)).map_err(|what| {
                format!("hunt {hunt}, version {version}: {what} is not as it was written")
            })?;
        }
    }
    Ok(())
}

fn same(definition: &Definition, json: &Value) -> Result<(), String> {
    let schedule = definition.schedule();
    let moment = |at: Option<Millis>| at.map_or(Value::Null, |at| shown::moment(at).into());
    let times = [
        ("opens_at", schedule.opens_at),
        ("freezes_at", schedule.freezes_at),
        ("closes_at", schedule.closes_at),
    ];
    for (name, at) in times {
        ensure(moment(at) == json[name], name)?;
    }
    ensure(json["id"] == definition.id().as_str(), "the id")?;
    let guesses = definition.guesses();
    ensure(
        json!(guesses.per_clue) == json["guesses"]["per_clue"],
        "the limit of guesses",
    )?;
    let cooldown = json["guesses"]["cooldown_ms"].as_u64().unwrap_or(0);
    ensure(u64::from(guesses.cooldown_ms) == cooldown, "the cooldown")?;
    let list = |name: &str| json[name].as_array().cloned().unwrap_or_default();
    let (clues, treasures) = (list("clues"), list("treasures"));
    ensure(
        clues.len() == definition.clues().len(),
        "the number of clues",
    )?;
    ensure(
        treasures.len() == definition.treasures().len(),
        "the number of treasures",
    )?;
    for (clue, json) in definition.clues().iter().zip(&clues) {
        same_clue(definition, clue, json).map_err(|what| format!("{what} of clue {}", clue.id))?;
    }
    for (treasure, json) in definition.treasures().iter().zip(&treasures) {
        let same = same_treasure(definition, treasure, json);
        same.map_err(|what| format!("{what} of treasure {}", treasure.id))?;
    }
    Ok(())
}

fn ensure(is_same: bool, what: &str) -> Result<(), String> {
    match is_same {
        true => Ok(()),
        false => Err(what.to_owned()),
    }
}

/// The names of clues by their places.
fn clues(definition: &Definition, of: &[Index]) -> Vec<String> {
    let named = |index: &Index| definition.clues().get(usize::from(*index));
    let ids = of.iter().filter_map(named).map(|clue| clue.id.to_string());
    ids.collect()
}

fn same_clue(definition: &Definition, clue: &Clue, json: &Value) -> Result<(), String> {
    ensure(json["id"] == clue.id.as_str(), "the id")?;
    ensure(json["title"] == clue.title.as_str(), "the title")?;
    ensure(json["text"] == clue.text.as_str(), "the text")?;
    ensure(json["points"] == clue.points, "the worth")?;
    let solve = &json["solve"];
    let count = |list: &Value| list.as_array().map(Vec::len);
    let same_solve = match &clue.solve {
        Solve::Answer(digests) => count(&solve["answer"]) == Some(digests.len()),
        Solve::Scan(digests) => count(&solve["scan"]) == Some(digests.len()),
        Solve::CheckIn(place) => {
            solve["check_in"]
                == json!({
                    "lat": place.lat, "lon": place.lon, "radius_m": place.radius_m,
                    "accuracy_max_m": place.accuracy_max_m,
                })
        }
    };
    ensure(same_solve, "what solves it")?;
    let unlock = match &clue.unlock {
        Unlock::Open => json!("open"),
        Unlock::After(of) => json!({ "after": clues(definition, of) }),
        Unlock::At(at) => json!({ "at": shown::moment(*at) }),
        Unlock::Any { count, of } => json!({ "any": count, "of": clues(definition, of) }),
    };
    ensure(json["unlock"] == unlock, "the unlock")?;
    let treasures = definition.treasures();
    let named = |index: &Index| treasures.get(usize::from(*index));
    let grants = clue
        .grants
        .iter()
        .filter_map(named)
        .map(|it| it.id.to_string());
    ensure(
        json["grants"] == json!(grants.collect::<Vec<_>>()),
        "what it grants",
    )
}

fn same_treasure(definition: &Definition, treasure: &Treasure, json: &Value) -> Result<(), String> {
    ensure(json["id"] == treasure.id.as_str(), "the id")?;
    ensure(json["title"] == treasure.title.as_str(), "the title")?;
    ensure(json["stock"] == json!(treasure.stock), "the stock")?;
    ensure(
        json["per_player"] == treasure.per_player,
        "what a player may have",
    )?;
    let award = match &treasure.award {
        Award::OnSolve => json!("on_solve"),
        Award::Claim { requires } => {
            json!({ "claim": { "requires": clues(definition, requires) } })
        }
        Award::FirstToSolve(clue) => {
            json!({ "first_to_solve": clues(definition, &[*clue]).pop() })
        }
    };
    ensure(json["award"] == award, "the award")
}
