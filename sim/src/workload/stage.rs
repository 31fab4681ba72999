//! One hunt of a workload, written as an operator writes it.

use hunt::{ClueId, HuntId, Millis, TreasureId};
use serde_json::{Value, json};

use super::place::Spot;
use super::secret;
use crate::world::WALL_AT_START_MS;

/// The clue and the treasure that only some versions have.
const EXTRA: &str = "extra";
/// What there is of that treasure.
const EXTRA_STOCK: u64 = 5;
/// From this version on, each breaks a promise to those who play.
const BREAKING_FROM: u64 = 4;
/// All versions.
pub(crate) const VERSIONS: u64 = 7;
/// Each version closes so much later than the one before.
const CLOSES_LATER_MS: u64 = 37;

/// One hunt of a workload.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    /// Its id.
    pub(crate) id: HuntId,
    /// Its clues that players try, and how each is solved.
    pub(crate) clues: Vec<(ClueId, ClueKind)>,
    /// Its treasures.
    pub(crate) treasures: Vec<TreasureId>,
    /// An operator opens it at once.
    pub(crate) opened: bool,
    /// Moments at which it does something by itself.
    pub(crate) edges: Vec<Edge>,
    closes: Option<u64>,
    json: Value,
}

/// A moment at which a hunt does something by itself.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    /// In milliseconds after the start.
    pub(crate) at_ms: u64,
    /// The clue that it unlocks; none if it opens, freezes or closes.
    pub(crate) clue: Option<(ClueId, ClueKind)>,
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
    let clue = ClueId::new(id).expect("stages have sound ids");
    let solve = match kind {
        ClueKind::Answer => json!({ "answer": secret::answers(&clue) }),
        ClueKind::Scan => json!({ "scan": [secret::answer(&clue)] }),
        ClueKind::CheckIn => Spot::of(&clue).json(),
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
        let treasure_id = |value| TreasureId::new(&text(value)).expect("stages have sound ids");
        Self {
            id: HuntId::new(id).expect("stages have sound ids"),
            clues: clues.iter().map(id_and_kind).collect(),
            treasures: treasures.iter().map(treasure_id).collect(),
            opened: true,
            closes: None,
            edges: unlocked(&clues),
            json: json!({ "id": id, "clues": clues, "treasures": treasures }),
        }
    }

    /// Players also try the clue, and claim the treasure, that only some versions have.
    pub(super) fn extra_tried(mut self) -> Self {
        let extra = ClueId::new(EXTRA).expect("a sound id");
        self.clues.push((extra, ClueKind::Answer));
        self.treasures
            .push(TreasureId::new(EXTRA).expect("a sound id"));
        self
    }

    /// With limits on wrong guesses.
    pub(super) fn guesses(self, per_clue: u32, cooldown_ms: u32) -> Self {
        self.guessed(json!({ "per_clue": per_clue, "cooldown_ms": cooldown_ms }))
    }

    /// With such limits on wrong guesses.
    pub(super) fn guessed(mut self, guesses: Value) -> Self {
        self.json["guesses"] = guesses;
        self
    }

    /// Opened, frozen and closed by its schedule, in milliseconds after the start; what unlocks by time does so halfway.
    pub(super) fn scheduled(mut self, opens: u64, freezes: u64, closes: u64) -> Self {
        let halfway = opens.midpoint(closes);
        let none = &mut Vec::new();
        let clues = self.json["clues"].as_array_mut().unwrap_or(none);
        for clue in clues.iter_mut() {
            if let Some(at) = clue["unlock"].get_mut("at") {
                *at = moment(halfway);
            }
        }
        self.edges = unlocked(clues);
        self.timed(Some(opens), Some(freezes), Some(closes))
    }

    /// Opened, frozen and closed by its schedule, as far as that has a time; what it never opens an operator does.
    pub(super) fn timed(
        mut self,
        opens: Option<u64>,
        freezes: Option<u64>,
        closes: Option<u64>,
    ) -> Self {
        let times = [
            ("opens_at", opens),
            ("freezes_at", freezes),
            ("closes_at", closes),
        ];
        for (name, at) in times {
            self.json[name] = at.map_or(Value::Null, moment);
            self.edges
                .extend(at.map(|at_ms| Edge { at_ms, clue: None }));
        }
        (self.opened, self.closes) = (opens.is_none(), closes);
        self
    }

    /// Nobody opens it before the play begins, neither its schedule nor the operator who makes it.
    pub(super) fn left_unopened(mut self) -> Self {
        self.opened = false;
        self
    }

    /// As JSON. Versions differ in what may be changed while players play, except that of four two have a clue more and two
    /// a treasure, which can't be taken away again, and that the last ones change what players were promised.
    pub(crate) fn json(&self, version: u64) -> Value {
        let mut json = self.json.clone();
        json["title"] = Value::String(format!("{}, version {version}", self.id));
        if let Some(per_clue) = json["guesses"]["per_clue"].as_u64() {
            json["guesses"]["per_clue"] = (per_clue + version).into();
        }
        if let Some(closes) = self.closes {
            json["closes_at"] = moment(closes + version * CLOSES_LATER_MS);
        }
        if version >= BREAKING_FROM {
            break_promises(&mut json, version);
        }
        if version & 1 == 1 {
            let open = Value::from("open");
            push(
                &mut json["clues"],
                clue(EXTRA, ClueKind::Answer, &open, &[]),
            );
        }
        if version & 2 == 2 {
            push(
                &mut json["treasures"],
                claimed(EXTRA, Some(EXTRA_STOCK), 1, &[]),
            );
        }
        json
    }

    /// The version that a title names.
    pub(crate) fn version_of(&self, title: &str) -> Option<u64> {
        let version = title.strip_prefix(self.id.as_str())?;
        version.strip_prefix(", version ")?.parse().ok()
    }
}

fn id_and_kind(clue: &Value) -> (ClueId, ClueKind) {
    let id = clue["id"].as_str().unwrap_or_default();
    let kind = match &clue["solve"] {
        solve if solve.get("answer").is_some() => ClueKind::Answer,
        solve if solve.get("scan").is_some() => ClueKind::Scan,
        _ => ClueKind::CheckIn,
    };
    (ClueId::new(id).expect("stages have sound ids"), kind)
}

/// The moments that unlock clues.
fn unlocked(clues: &[Value]) -> Vec<Edge> {
    let edge = |clue: &Value| {
        let at = Millis::parse_rfc3339(clue["unlock"]["at"].as_str()?).ok()?;
        let at_ms = at.0.saturating_sub(WALL_AT_START_MS);
        Some(Edge {
            at_ms,
            clue: Some(id_and_kind(clue)),
        })
    };
    clues.iter().filter_map(edge).collect()
}

fn push(list: &mut Value, item: Value) {
    if let Some(list) = list.as_array_mut() {
        list.push(item);
    }
}

/// Changes something that players were promised: what is left of a treasure or how much of it one may have, what a clue
/// is worth, or what unlocks it.
fn break_promises(json: &mut Value, version: u64) {
    let clues = json["clues"].as_array().map_or(0, Vec::len);
    let treasure = &mut json["treasures"][0];
    match (version, clues.checked_sub(1)) {
        (4, _) | (_, None) => match treasure["stock"].as_u64() {
            Some(stock) => treasure["stock"] = (stock + 1).into(),
            None => treasure["per_player"] = 4.into(),
        },
        (5, Some(last)) => json["clues"][last]["points"] = 77.into(),
        (_, Some(last)) => json["clues"][last]["unlock"] = json!({ "at": moment(100) }),
    }
}
