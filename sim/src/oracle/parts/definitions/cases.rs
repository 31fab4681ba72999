//! What can be wrong with a definition.

use serde::Serialize;
use serde_json::{Value, json};

/// Nothing is.
const SOUND: &str = r#"{
    "id": "harbour", "title": "Harbour", "opens_at": "2027-01-01T00:00:00Z", "freezes_at": "2027-01-02T00:00:00Z",
    "closes_at": "2027-01-03T00:00:00Z", "guesses": { "per_clue": 5, "cooldown_ms": 10 },
    "clues": [
        { "id": "a", "title": "A", "text": "A", "points": 1, "solve": { "answer": ["one", "two"] }, "unlock": "open",
          "grants": ["key"] },
        { "id": "b", "title": "B", "text": "B", "points": 1, "unlock": { "after": ["a"] },
          "solve": { "check_in": { "lat": 1.5, "lon": 2.5, "radius_m": 50, "accuracy_max_m": 20 } } },
        { "id": "c", "title": "C", "text": "C", "points": 1, "solve": { "scan": ["CODE"] },
          "unlock": { "any": 1, "of": ["a", "b"] } },
        { "id": "d", "title": "D", "text": "D", "points": 1, "solve": { "answer": ["three"] },
          "unlock": { "at": "2027-01-02T12:00:00Z" } }],
    "treasures": [
        { "id": "key", "title": "Key", "stock": null, "per_player": 1, "award": "on_solve" },
        { "id": "coin", "title": "Coin", "stock": 5, "per_player": 2, "award": { "claim": { "requires": ["a"] } } },
        { "id": "cup", "title": "Cup", "stock": 1, "per_player": 1, "award": { "first_to_solve": "b" } }]}"#;

pub(super) fn sound() -> Value {
    serde_json::from_str(SOUND).expect("it is JSON")
}

/// One fault.
pub(super) struct Wrong {
    /// In words.
    pub(super) what: &'static str,
    /// Where it is told, as a JSON pointer.
    pub(super) at: &'static str,
    pub(super) make: fn(&mut Value),
}

/// A limit, and what is one past it.
pub(super) struct Limit {
    pub(super) what: &'static str,
    pub(super) make: fn(&mut Value, bool),
}

/// Puts a value at a pointer, whose last part may be new.
fn put(json: &mut Value, at: &str, value: Value) {
    let (parent, name) = at.rsplit_once('/').expect("pointers begin with a slash");
    let parent = json
        .pointer_mut(parent)
        .expect("the case fits the definition");
    match parent {
        Value::Array(items) => match name.parse::<usize>() {
            Ok(index) if index < items.len() => items[index] = value,
            _ => items.push(value),
        },
        parent => parent[name] = value,
    }
}

/// A table of faults: what, where it is told, what is put where.
macro_rules! wrong {
    ($($what:literal, told at $at:literal: $($pointer:literal = $value:tt),+;)*) => {
        &[$(Wrong {
            what: $what,
            at: $at,
            make: |json| { $(put(json, $pointer, json!($value));)+ },
        }),*]
    };
}

pub(super) const WRONG: &[Wrong] = wrong! {
    "a field is unknown", told at "/colour": "/colour" = "red";
    "a field of a clue is unknown", told at "/clues/1/hint": "/clues/1/hint" = "x";
    "a field of a treasure is unknown", told at "/treasures/0/price": "/treasures/0/price" = 1;
    "two clues have one id", told at "/clues/2/id": "/clues/2/id" = "a";
    "two treasures have one id", told at "/treasures/2/id": "/treasures/2/id" = "key";
    "a clue waits for itself", told at "/clues/1/unlock": "/clues/1/unlock" = { "after": ["b"] };
    "two clues wait for each other", told at "/clues/2/unlock":
        "/clues/1/unlock" = { "after": ["c"] }, "/clues/2/unlock" = { "after": ["b"] };
    "too few of those that it waits for can be solved", told at "/clues/2/unlock":
        "/clues/2/unlock" = { "any": 2, "of": ["a", "c"] };
    "nothing grants a treasure", told at "/treasures/3":
        "/treasures/-" = { "id": "ring", "title": "Ring", "award": "on_solve" };
    "it freezes before it opens", told at "/freezes_at": "/freezes_at" = "2026-12-31T00:00:00Z";
    "it closes when it freezes", told at "/closes_at": "/closes_at" = "2027-01-02T00:00:00Z";
    "it closes before it opens", told at "/closes_at":
        "/freezes_at" = null, "/closes_at" = "2026-12-31T00:00:00Z", "/clues/3/unlock" = "open";
    "a clue unlocks when it closes", told at "/clues/3/unlock/at":
        "/clues/3/unlock" = { "at": "2027-01-03T00:00:00Z" };
    "a time is none", told at "/opens_at": "/opens_at" = "tomorrow";
    "no answer is given", told at "/clues/0/solve/answer": "/clues/0/solve/answer" = [];
    "an answer has nothing to compare", told at "/clues/0/solve/answer/1": "/clues/0/solve/answer/1" = "?! ";
    "a code is blank", told at "/clues/2/solve/scan/0": "/clues/2/solve/scan/0" = " \t";
    "a clue is solved in two ways", told at "/clues/0/solve": "/clues/0/solve/scan" = ["X"];
    "a clue is solved in no way", told at "/clues/0/solve": "/clues/0/solve" = {};
    "a latitude is past the pole", told at "/clues/1/solve/check_in/lat": "/clues/1/solve/check_in/lat" = 90.01;
    "a longitude is once more around", told at "/clues/1/solve/check_in/lon": "/clues/1/solve/check_in/lon" = (-180.01);
    "a radius is nothing", told at "/clues/1/solve/check_in/radius_m": "/clues/1/solve/check_in/radius_m" = 0;
    "a position is missing", told at "/clues/1/solve/check_in": "/clues/1/solve/check_in" = { "lon": 1, "radius_m": 5 };
    "a title is blank", told at "/title": "/title" = "  ";
    "a clue's title is blank", told at "/clues/0/title": "/clues/0/title" = "";
    "an id has a capital", told at "/clues/3/id": "/clues/3/id" = "D";
    "an id is empty", told at "/treasures/2/id": "/treasures/2/id" = "";
    "an unlock names no clue of the hunt", told at "/clues/1/unlock/after/0": "/clues/1/unlock/after/0" = "nowhere";
    "an unlock names none", told at "/clues/1/unlock/after": "/clues/1/unlock/after" = [];
    "an unlock names one twice", told at "/clues/2/unlock/of/1": "/clues/2/unlock/of/1" = "a";
    "an unlock needs more than it names", told at "/clues/2/unlock/any": "/clues/2/unlock/any" = 3;
    "an unlock needs none", told at "/clues/2/unlock/any": "/clues/2/unlock/any" = 0;
    "an unlock is of no known form", told at "/clues/1/unlock": "/clues/1/unlock" = "closed";
    "a clue grants what is claimed", told at "/clues/1/grants/0": "/clues/1/grants" = ["coin"];
    "a clue grants what there is not", told at "/clues/1/grants/0": "/clues/1/grants" = ["crown"];
    "a clue grants one twice", told at "/clues/0/grants/1": "/clues/0/grants/-" = "key";
    "a claim requires no clue of the hunt", told at "/treasures/1/award/claim/requires/0":
        "/treasures/1/award/claim/requires/0" = "z";
    "a prize is for no clue of the hunt", told at "/treasures/2/award/first_to_solve":
        "/treasures/2/award/first_to_solve" = "z";
    "an award is of no known form", told at "/treasures/0/award": "/treasures/0/award" = "lottery";
    "a stock is less than none", told at "/treasures/1/stock": "/treasures/1/stock" = (-1);
    "nobody may have one", told at "/treasures/1/per_player": "/treasures/1/per_player" = 0;
    "no guess is allowed", told at "/guesses/per_clue": "/guesses/per_clue" = 0;
    "points are no whole number", told at "/clues/0/points": "/clues/0/points" = 1.5;
    "clues are no list", told at "/clues": "/clues" = {};
    "a clue is no object", told at "/clues/3": "/clues/3" = "d";
};

fn sized<T: Serialize>(make: impl Fn(usize) -> T, size: usize) -> Value {
    json!(make(size))
}

fn many<T: Into<Value>>(count: usize, make: impl Fn(usize) -> T) -> Value {
    Value::Array((0..count).map(|index| make(index).into()).collect())
}

fn clue(index: usize) -> Value {
    json!({ "id": format!("x{index}"), "title": "X", "solve": { "scan": ["x"] } })
}

fn treasure(index: usize) -> Value {
    json!({ "id": format!("x{index}"), "title": "X", "award": { "claim": {} } })
}

/// A table of limits: what, where it is, the value for a size, the size at the limit.
macro_rules! limits {
    ($($what:literal: $pointer:literal, $make:expr, $at:expr;)*) => {
        &[$(Limit {
            what: $what,
            make: |json, past| put(json, $pointer, sized($make, $at + usize::from(past))),
        }),*]
    };
}

pub(super) const LIMITS: &[Limit] = limits! {
    "a long title": "/title", |size| "t".repeat(size), 256;
    "a long title of a clue": "/clues/0/title", |size| "t".repeat(size), 256;
    "a long text": "/clues/0/text", |size| "t".repeat(size), 8 * 1_024;
    "a long id": "/treasures/2/id", |size| "i".repeat(size), 64;
    "a long answer": "/clues/0/solve/answer/0", |size| "a".repeat(size), 256;
    "a long code": "/clues/2/solve/scan/0", |size| "a".repeat(size), 256;
    "many answers": "/clues/0/solve/answer", |size| many(size, |index| format!("a{index}")), 64;
    "an unlock that needs all": "/clues/1/unlock", |size| json!({ "any": size, "of": ["a", "d"] }), 2;
    "many points": "/clues/0/points", |size| size, 1_000_000;
    "a big stock": "/treasures/1/stock", |size| size, (1 << 53) - 1;
    "much for one player": "/treasures/1/per_player", |size| size, 1_498;
    "many guesses": "/guesses/per_clue", |size| size, 1_000_000;
    "a long cooldown": "/guesses/cooldown_ms", |size| size, 24 * 3_600_000;
    "a wide radius": "/clues/1/solve/check_in/radius_m", |size| size, 100_000;
    "a vague position": "/clues/1/solve/check_in/accuracy_max_m", |size| size, 100_000;
    "a northern place": "/clues/1/solve/check_in/lat", |size| size, 90;
    "an eastern place": "/clues/1/solve/check_in/lon", |size| size, 180;
    "a thousand clues": "/clues", |size| grown("clues", size, clue), 1_000;
    "a thousand treasures": "/treasures", |size| grown("treasures", size, treasure), 1_000;
};

/// A list of the sound definition as long as that: what it has, and then more.
fn grown(list: &str, size: usize, more: fn(usize) -> Value) -> Value {
    let sound = sound();
    many(size, |index| {
        let own = sound[list].get(index).cloned();
        own.unwrap_or_else(|| more(index))
    })
}
