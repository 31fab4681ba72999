//! What there is to do in a hunt, as a player who knows every answer would do it.

use hunt::Draft;
use serde_json::{Value, json};

/// A hunt to put, and how it is played.
pub(super) struct Script {
    /// The hunt's id.
    pub(super) hunt: String,
    /// What is put.
    pub(super) json: String,
    /// Clues, in the hunt's order.
    pub(super) clues: Vec<ClueScript>,
    /// Treasures that are claimed.
    pub(super) claims: Vec<String>,
}

/// How a clue is solved.
pub(super) struct ClueScript {
    pub(super) id: String,
    /// What solves it.
    pub(super) right: String,
    /// What does not.
    pub(super) wrong: String,
}

/// Fields that would keep the hunt from being played now.
const SCHEDULE: [&str; 3] = ["opens_at", "freezes_at", "closes_at"];
/// Long past.
const PAST: &str = "2000-01-01T00:00:00Z";

impl Script {
    /// Reads a hunt; on error, all its faults.
    pub(super) fn new(json: &str) -> Result<Self, Vec<String>> {
        check(json)?;
        let mut hunt: Value =
            serde_json::from_str(json).map_err(|error| vec![error.to_string()])?;
        set_schedule_aside(&mut hunt);
        let json = hunt.to_string();
        // The hunt is still one without its schedule; if not, it is said here and not by a puzzled server.
        check(&json)?;
        let list = |name: &str| hunt[name].as_array().cloned().unwrap_or_default();
        Ok(Self {
            hunt: text(&hunt["id"]),
            clues: list("clues").iter().map(ClueScript::new).collect(),
            claims: list("treasures")
                .iter()
                .filter(|treasure| treasure["award"].get("claim").is_some())
                .map(|treasure| text(&treasure["id"]))
                .collect(),
            json,
        })
    }
}

impl ClueScript {
    fn new(clue: &Value) -> Self {
        let solve = &clue["solve"];
        let (right, wrong) = if let Some(answers) = solve.get("answer") {
            (
                json!({ "answer": answers[0] }),
                json!({ "answer": "a guess that no clue has as its answer" }),
            )
        } else if let Some(codes) = solve.get("scan") {
            (
                json!({ "code": codes[0] }),
                json!({ "code": "NOT-THE-CODE-OF-ANY-CLUE" }),
            )
        } else {
            let place = &solve["check_in"];
            let accuracy = place["accuracy_max_m"].as_f64().unwrap_or(10.0).min(10.0);
            let at = |lat: f64| json!({ "lat": lat, "lon": place["lon"], "accuracy_m": accuracy });
            let lat = place["lat"].as_f64().unwrap_or_default();
            // A quarter of the globe away, whichever way there is room.
            (at(lat), at(if lat > 0.0 { lat - 90.0 } else { lat + 90.0 }))
        };
        Self {
            id: text(&clue["id"]),
            right: right.to_string(),
            wrong: wrong.to_string(),
        }
    }
}

fn check(json: &str) -> Result<(), Vec<String>> {
    match Draft::parse(json.as_bytes()) {
        Ok(_) => Ok(()),
        Err(faults) => Err(faults.iter().map(ToString::to_string).collect()),
    }
}

fn set_schedule_aside(hunt: &mut Value) {
    if let Some(fields) = hunt.as_object_mut() {
        SCHEDULE.iter().for_each(|field| {
            fields.remove(*field);
        });
    }
    for clue in hunt["clues"].as_array_mut().into_iter().flatten() {
        if let Some(at) = clue["unlock"].get_mut("at") {
            *at = PAST.into();
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUNT: &str = r#"{ "id": "h", "title": "H", "opens_at": "2999-01-01T00:00:00Z", "clues": [
        { "id": "a", "title": "A", "text": "a", "points": 1, "solve": { "answer": ["x"] }, "unlock": "open" },
        { "id": "b", "title": "B", "text": "b", "points": 1, "solve": { "scan": ["C-1"] }, "unlock": { "at": "2999-01-01T00:00:00Z" } },
        { "id": "c", "title": "C", "text": "c", "points": 1, "unlock": "open",
          "solve": { "check_in": { "lat": 54.5, "lon": 10.25, "radius_m": 60, "accuracy_max_m": 5 } } } ],
        "treasures": [ { "id": "t", "title": "T", "stock": 3, "per_player": 1, "award": { "claim": { "requires": ["a"] } } } ] }"#;

    #[test]
    fn each_way_to_solve_has_a_right_and_a_wrong_try() {
        let script = Script::new(HUNT).expect("a good hunt");
        let tries: Vec<_> = script
            .clues
            .iter()
            .map(|clue| (clue.right.as_str(), clue.wrong.as_str()))
            .collect();
        assert_eq!(tries[0].0, r#"{"answer":"x"}"#);
        assert_eq!(
            tries[1],
            (
                r#"{"code":"C-1"}"#,
                r#"{"code":"NOT-THE-CODE-OF-ANY-CLUE"}"#
            )
        );
        assert_eq!(tries[2].0, r#"{"accuracy_m":5.0,"lat":54.5,"lon":10.25}"#);
        assert_eq!(tries[2].1, r#"{"accuracy_m":5.0,"lat":-35.5,"lon":10.25}"#);
        assert_eq!(script.claims, ["t"]);
    }

    #[test]
    fn the_schedule_is_set_aside() {
        let script = Script::new(HUNT).expect("a good hunt");
        assert!(!script.json.contains("2999") && script.json.contains(PAST));
    }

    #[test]
    fn a_faulty_hunt_is_refused_with_all_faults() {
        let faults = Script::new(&HUNT.replace("\"points\": 1", "\"points\": -1"))
            .err()
            .expect("three faults");
        assert!(faults.len() >= 3, "{faults:?}");
    }

    #[test]
    fn the_sample_can_be_played() {
        let script = Script::new(super::super::SAMPLE).expect("the sample is good");
        assert!(!script.clues.is_empty() && !script.claims.is_empty());
    }
}
