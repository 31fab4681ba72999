//! One hunt of a workload, written as an operator writes it.

use hunt::{ClueId, HuntId, Millis, TreasureId};
use serde_json::{Value, json};

use super::secret;
use crate::world::WALL_AT_START_MS;

/// Every version with an odd number has one clue more.
const EXTRA_CLUE: &str = "extra";

/// One hunt of a workload.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    /// Its id.
    pub(crate) id: HuntId,
    /// Its clues, and how each is solved.
    pub(crate) clues: Vec<(ClueId, ClueKind)>,
    /// Its treasures.
    pub(crate) treasures: Vec<TreasureId>,
    /// An operator opens it at once.
    pub(crate) opened: bool,
    json: Value,
}

/// How a clue is solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClueKind {
    /// By text.
    Answer,
    /// By a place.
    CheckIn,
    /// By a code.
    Scan,
}

/// A clue of a stage; only who knows its id can solve it.
pub(super) fn clue(id: &str, kind: ClueKind, unlock: &Value, grants: &[&str]) -> Value {
    let secret = secret::answer(&ClueId::new(id).expect("stages have sound ids"));
    let solve = match kind {
        ClueKind::Answer => json!({ "answer": [secret] }),
        ClueKind::Scan => json!({ "scan": [secret] }),
        ClueKind::CheckIn => json!({ "check_in": {
            "lat": secret::PLACE.0,
            "lon": secret::PLACE.1,
            "radius_m": secret::RADIUS_M,
            "accuracy_max_m": secret::ACCURACY_MAX_M,
        }}),
    };
    json!({
        "id": id, "title": id, "text": "Look around.", "points": 10 * id.len(),
        "solve": solve, "unlock": unlock, "grants": grants,
    })
}

/// A treasure of a stage.
pub(super) fn treasure(id: &str, stock: Option<u64>, per_player: u32, award: &Value) -> Value {
    json!({ "id": id, "title": id, "stock": stock, "per_player": per_player, "award": award })
}

/// A treasure that is claimed by who solved these clues.
pub(super) fn claimed(id: &str, stock: Option<u64>, per_player: u32, requires: &[&str]) -> Value {
    let award = json!({ "claim": { "requires": requires } });
    treasure(id, stock, per_player, &award)
}

/// A moment of the run, as hunts write it.
pub(super) fn moment(after_ms: u64) -> Value {
    Value::String(Millis(WALL_AT_START_MS + after_ms).to_string())
}

impl Stage {
    /// A hunt of these clues and treasures, opened by an operator.
    pub(super) fn new(id: &str, clues: Vec<Value>, treasures: Vec<Value>) -> Self {
        let text = |value: &Value| value["id"].as_str().unwrap_or_default().to_owned();
        let kind = |value: &Value| match &value["solve"] {
            solve if solve.get("answer").is_some() => ClueKind::Answer,
            solve if solve.get("scan").is_some() => ClueKind::Scan,
            _ => ClueKind::CheckIn,
        };
        let clue_id = |value| ClueId::new(&text(value)).expect("stages have sound ids");
        let treasure_id = |value| TreasureId::new(&text(value)).expect("stages have sound ids");
        Self {
            id: HuntId::new(id).expect("stages have sound ids"),
            clues: clues.iter().map(|it| (clue_id(it), kind(it))).collect(),
            treasures: treasures.iter().map(treasure_id).collect(),
            opened: true,
            json: json!({ "id": id, "clues": clues, "treasures": treasures }),
        }
    }

    /// With limits on wrong guesses.
    pub(super) fn guesses(mut self, per_clue: u32, cooldown_ms: u32) -> Self {
        self.json["guesses"] = json!({ "per_clue": per_clue, "cooldown_ms": cooldown_ms });
        self
    }

    /// Opened, frozen and closed by its schedule, in milliseconds after the start; what unlocks by time does so halfway.
    pub(super) fn scheduled(mut self, opens: u64, freezes: u64, closes: u64) -> Self {
        self.opened = false;
        self.json["opens_at"] = moment(opens);
        self.json["freezes_at"] = moment(freezes);
        self.json["closes_at"] = moment(closes);
        let clues = self.json["clues"].as_array_mut().into_iter().flatten();
        for at in clues.filter_map(|clue| clue["unlock"].get_mut("at")) {
            *at = moment(opens.midpoint(closes));
        }
        self
    }

    /// As JSON. Versions differ in what may be changed while players play, except that those with an odd number have
    /// a clue more, which can't be taken away again.
    pub(crate) fn json(&self, version: u64) -> String {
        let mut json = self.json.clone();
        json["title"] = Value::String(format!("{}, version {version}", self.id));
        if let (true, Some(clues)) = (version % 2 == 1, json["clues"].as_array_mut()) {
            clues.push(clue(
                EXTRA_CLUE,
                ClueKind::Answer,
                &Value::from("open"),
                &[],
            ));
        }
        json.to_string()
    }
}
