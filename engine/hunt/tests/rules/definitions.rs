//! Definitions: what is wrong with them, all at once and each at its place.

use expect_test::{Expect, expect};
use hunt::{Draft, Salt, Unlock};

fn check(json: &str, expected: Expect) {
    let faults = Draft::parse(json.as_bytes()).err().unwrap_or_default();
    let lines: String = faults.iter().map(|fault| format!("{fault}\n")).collect();
    expected.assert_eq(&lines);
}

const CLUE: &str = r#"{ "id": "a", "title": "A", "solve": { "answer": ["x"] } }"#;

/// A hunt with these clues.
fn clues(clues: &str) -> String {
    format!(r#"{{ "id": "h", "title": "H", "clues": [{clues}] }}"#)
}

#[test]
fn what_is_not_json_has_one_fault_with_its_place() {
    check(
        "",
        expect![[r#"
        not JSON: EOF while parsing a value at line 1 column 0
    "#]],
    );
    check(
        "{\n  \"id\": \"h\",\n}",
        expect![[r#"
        not JSON: trailing comma at line 3 column 1
    "#]],
    );
    check(
        "{\"id\": \"h\"} x",
        expect![[r#"
        not JSON: trailing characters at line 1 column 13
    "#]],
    );
    check(
        &clues(r#"{ "points": NaN }"#),
        expect![[r#"
        not JSON: expected value at line 1 column 50
    "#]],
    );
    check(
        &clues(r#"{ "points": 1e400 }"#),
        expect![[r#"
        not JSON: number out of range at line 1 column 54
    "#]],
    );
    check(
        &"[".repeat(100_000),
        expect![[r#"
        not JSON: recursion limit exceeded at line 1 column 128
    "#]],
    );
    check(
        &" ".repeat(512 * 1024 + 1),
        expect![[r#"
        has 524289 bytes: a definition has at most 524288
    "#]],
    );
    let faults = Draft::parse(b"{\"id\":\n \"\xff\"}").unwrap_err();
    assert_eq!(faults[0].detail, "not UTF-8 at line 2 column 3");
}

#[test]
fn what_is_json_but_no_hunt() {
    check(
        "7",
        expect![[r#"
        is a number: make it an object
    "#]],
    );
    check(
        "{}",
        expect![[r#"
        lacks the field id
        lacks the field title
        lacks the field clues
    "#]],
    );
    check(
        r#"{ "id": 7, "title": null, "clues": {}, "treasures": 1, "guesses": [], "opens_at": 5 }"#,
        expect![[r#"
            /id: is a number: make it a string
            /title: is null: make it a string
            /opens_at: is a number: make it a string
            /guesses: is an array: make it an object
            /clues: is an object: make it an array
            /treasures: is a number: make it an array
        "#]],
    );
    check(
        r#"{ "id": "h", "title": " ", "clues": [] }"#,
        expect![[r#"
        /title: is blank: people read it
        /clues: is empty, and so are the treasures: give the hunt something to do
    "#]],
    );
    check(
        r#"{ "id": "h", "id": "h", "title": "H", "a/b~c": 1, "clues": [], "treasures": [7] }"#,
        expect![[r#"
            /id: is there twice: keep one
            /a~1b~0c: is not a field here: the fields are id, title, opens_at, freezes_at, closes_at, guesses, clues, treasures
            /treasures/0: is a number: make it an object
        "#]],
    );
}

#[test]
fn all_faults_are_found_at_once() {
    check(
        r#"{
            "id": "Bad Id", "title": "", "opens_at": "2026-12-24T18:00:00Z", "freezes_at": "2026-12-01T18:00:00Z",
            "closes_at": "soon", "guesses": { "per_clue": 0, "cooldown_ms": -1, "x": 1 },
            "clues": [
                { "id": "a", "title": "A", "points": 1.5, "solve": { "answer": ["!?", "", 7] }, "hint": "x" },
                { "id": "a", "title": "A", "solve": { "scan": [] }, "unlock": { "after": ["nowhere", "b"] } },
                { "id": "b", "title": "B", "solve": { "check_in": { "lat": 91, "lon": -181, "radius_m": 0 } },
                  "unlock": { "any": 3, "of": ["a", "b"] }, "grants": ["gold", "silver"] },
                { "id": "c", "title": "C", "solve": { "answer": ["x"], "scan": ["y"] }, "unlock": "closed" },
                { "title": "D" }
            ],
            "treasures": [
                { "id": "gold", "title": "Gold", "stock": -1, "per_player": 0, "award": { "claim": { "requires": ["zz"] } } },
                { "id": "gold", "title": "Gold", "stock": 1.5, "award": "first" }
            ]
        }"#,
        expect![[r#"
            /id: an id has 'B' at byte 0: use a-z, 0-9, - and _ only
            /title: is blank: people read it
            /closes_at: not a moment of 1970 or later in RFC 3339: write it as 2026-12-01T18:00:00Z
            /freezes_at: is 2026-12-01T18:00:00.000Z, not after opens_at (2026-12-24T18:00:00.000Z)
            /guesses/x: is not a field here: the fields are per_clue, cooldown_ms
            /guesses/per_clue: must be a whole number from 1 to 1000000
            /guesses/cooldown_ms: must be a whole number from 0 to 86400000
            /clues/1/id: is the id of item 0 too: give each its own
            /treasures/1/id: is the id of item 0 too: give each its own
            /treasures/0/stock: must be a whole number from 0 to 9007199254740991
            /treasures/0/per_player: must be a whole number from 1 to 1500
            /treasures/0/award/claim/requires/0: names no clue of this hunt: zz
            /treasures/1/stock: must be a whole number from 0 to 9007199254740991
            /treasures/1/award: must be "on_solve", {"claim": {"requires": […]}} or {"first_to_solve": clue}
            /clues/0/hint: is not a field here: the fields are id, title, text, points, solve, unlock, grants
            /clues/0/points: must be a whole number from 0 to 1000000
            /clues/0/solve/answer/0: has no letter or digit, so nothing is left to compare
            /clues/0/solve/answer/1: has no letter or digit, so nothing is left to compare
            /clues/0/solve/answer/2: is a number: make it a string
            /clues/1/solve/scan: is empty: nothing would solve the clue
            /clues/1/unlock/after/0: names no clue of this hunt: nowhere
            /clues/2/solve/check_in/lat: must be a number from -90 to 90
            /clues/2/solve/check_in/lon: must be a number from -180 to 180
            /clues/2/solve/check_in/radius_m: must be a number from 1 to 100000
            /clues/2/unlock/any: is 3, but only 2 clues are named
            /clues/2/grants/1: names no treasure of this hunt: silver
            /clues/3/solve: must have exactly one of answer, check_in and scan
            /clues/3/unlock: must be "open", {"after": […]}, {"any": n, "of": […]} or {"at": time}
            /clues/4: lacks the field id
            /clues/4: lacks the field solve
        "#]],
    );
}

#[test]
fn times_out_of_order() {
    let check = |times: &str, expected| {
        check(
            &format!(r#"{{ "id": "h", "title": "H", {times}, "clues": [{CLUE}] }}"#),
            expected,
        );
    };
    check(
        r#""opens_at": "2026-01-03T00:00:00Z", "freezes_at": "2026-01-01T00:00:00Z", "closes_at": "2026-01-02T00:00:00Z""#,
        expect![[r#"
            /freezes_at: is 2026-01-01T00:00:00.000Z, not after opens_at (2026-01-03T00:00:00.000Z)
            /closes_at: is 2026-01-02T00:00:00.000Z, not after opens_at (2026-01-03T00:00:00.000Z)
        "#]],
    );
    check(
        r#""opens_at": "2026-01-03T00:00:00Z", "closes_at": "2026-01-03T00:00:00Z""#,
        expect![[r#"
            /closes_at: is 2026-01-03T00:00:00.000Z, not after opens_at (2026-01-03T00:00:00.000Z)
        "#]],
    );
    check(
        r#""freezes_at": "2026-01-03T00:00:00Z", "closes_at": "2026-01-02T00:00:00Z""#,
        expect![[r#"
            /closes_at: is 2026-01-02T00:00:00.000Z, not after freezes_at (2026-01-03T00:00:00.000Z)
        "#]],
    );
    check(
        r#""opens_at": "2026-01-01T00:00:00Z", "freezes_at": "2026-01-02T00:00:00Z", "closes_at": "2026-01-03T00:00:00Z""#,
        expect![[""]],
    );
}

#[test]
fn clues_that_can_never_unlock() {
    check(
        &clues(
            r#"{ "id": "a", "title": "A", "solve": { "answer": ["x"] }, "unlock": { "after": ["b"] } },
               { "id": "b", "title": "B", "solve": { "answer": ["x"] }, "unlock": { "after": ["a"] } },
               { "id": "c", "title": "C", "solve": { "answer": ["x"] } },
               { "id": "d", "title": "D", "solve": { "answer": ["x"] }, "unlock": { "any": 2, "of": ["a", "c"] } },
               { "id": "e", "title": "E", "solve": { "answer": ["x"] }, "unlock": { "any": 1, "of": ["a", "c"] } },
               { "id": "f", "title": "F", "solve": { "answer": ["x"] }, "unlock": { "after": ["f"] } }"#,
        ),
        expect![[r#"
            /clues/0/unlock: can never unlock: it waits, directly or in a circle, for clues that can't be solved
            /clues/1/unlock: can never unlock: it waits, directly or in a circle, for clues that can't be solved
            /clues/3/unlock: can never unlock: it waits, directly or in a circle, for clues that can't be solved
            /clues/5/unlock: can never unlock: it waits, directly or in a circle, for clues that can't be solved
        "#]],
    );
    check(
        r#"{ "id": "h", "title": "H", "closes_at": "2026-12-24T22:00:00Z", "clues": [
            { "id": "a", "title": "A", "solve": { "answer": ["x"] }, "unlock": { "at": "2026-12-24T22:00:00Z" } }
        ] }"#,
        expect![[r#"
            /clues/0/unlock/at: is 2026-12-24T22:00:00.000Z, not before closes_at (2026-12-24T22:00:00.000Z): the clue can never be solved
        "#]],
    );
}

#[test]
fn unlocks_name_some_clues_once() {
    check(
        &clues(
            r#"{ "id": "a", "title": "A", "solve": { "answer": ["x"] } },
               { "id": "b", "title": "B", "solve": { "answer": ["x"] }, "unlock": { "after": [] } },
               { "id": "c", "title": "C", "solve": { "answer": ["x"] }, "unlock": { "after": ["a", "a"] } },
               { "id": "d", "title": "D", "solve": { "answer": ["x"] }, "unlock": { "any": 0, "of": ["a"] } },
               { "id": "e", "title": "E", "solve": { "answer": ["x"] }, "unlock": { "any": 1 } },
               { "id": "f", "title": "F", "solve": { "answer": ["x"] }, "unlock": { "after": ["a"], "at": "x" } },
               { "id": "g", "title": "G", "solve": { "answer": ["x"] }, "unlock": { "at": "2026-13-01T00:00:00Z" } }"#,
        ),
        expect![[r#"
            /clues/1/unlock/after: is empty: name clues, or unlock it with "open"
            /clues/2/unlock/after/1: is named twice: name it once
            /clues/3/unlock/any: must be a whole number from 1 to 1000
            /clues/4/unlock: must be "open", {"after": […]}, {"any": n, "of": […]} or {"at": time}
            /clues/5/unlock: must be "open", {"after": […]}, {"any": n, "of": […]} or {"at": time}
            /clues/6/unlock/at: not a moment of 1970 or later in RFC 3339: write it as 2026-12-01T18:00:00Z
        "#]],
    );
}

#[test]
fn treasures_that_nobody_can_get() {
    check(
        r#"{ "id": "h", "title": "H", "clues": [
            { "id": "a", "title": "A", "solve": { "answer": ["x"] }, "grants": ["claimed", "seal", "seal"] }
        ], "treasures": [
            { "id": "seal", "title": "Seal", "award": "on_solve" },
            { "id": "lost", "title": "Lost", "award": "on_solve" },
            { "id": "claimed", "title": "Claimed", "award": { "claim": {} } },
            { "id": "both", "title": "Both", "award": { "claim": {}, "first_to_solve": "a" } },
            { "id": "first", "title": "First", "award": { "first_to_solve": "b" } }
        ] }"#,
        expect![[r#"
            /treasures/3/award: must be "on_solve", {"claim": {"requires": […]}} or {"first_to_solve": clue}
            /treasures/4/award/first_to_solve: names no clue of this hunt: b
            /clues/0/grants/0: is not awarded on a solve: set its award to on_solve, or grant another
            /clues/0/grants/2: is named twice: name it once
            /treasures/1: is granted by nothing: name it in the grants of a clue
        "#]],
    );
}

#[test]
fn sizes_past_the_limits() {
    let many = |count: usize, item: &str| vec![item; count].join(",");
    check(
        &clues(&many(1_001, CLUE)),
        expect![[r#"
        /clues: has 1001 items: at most 1000 are allowed
    "#]],
    );
    let answers = many(65, "\"x\"");
    check(
        &clues(&format!(
            r#"{{ "id": "a", "title": "{}", "text": "{}", "points": 1000001, "solve": {{ "answer": [{answers}] }} }},
               {{ "id": "b", "title": "B", "solve": {{ "scan": ["{}"] }} }}"#,
            "t".repeat(257),
            "t".repeat(8_193),
            "t".repeat(257),
        )),
        expect![[r#"
            /clues/0/title: has 257 bytes: at most 256 are allowed
            /clues/0/text: has 8193 bytes: at most 8192 are allowed
            /clues/0/points: must be a whole number from 0 to 1000000
            /clues/0/solve/answer: has 65 items: at most 64 are allowed
            /clues/1/solve/scan/0: has 257 bytes: at most 256 are allowed
        "#]],
    );
    check(
        r#"{ "id": "h", "title": "H", "clues": [], "treasures": [
            { "id": "a", "title": "A", "per_player": 1500, "award": { "claim": {} } },
            { "id": "b", "title": "B", "stock": 9007199254740992, "award": { "claim": {} } },
            { "id": "c", "title": "C", "award": { "claim": {} } }
        ] }"#,
        expect![[r#"
            /treasures/1/stock: must be a whole number from 0 to 9007199254740991
            /treasures: let one player have 1501 units in all: at most 1500 are allowed
        "#]],
    );
}

#[test]
fn past_a_hundred_faults_are_counted() {
    let clue = r#"{ "x": 1, "y": 2 }"#;
    let faults = Draft::parse(clues(&vec![clue; 100].join(",")).as_bytes()).unwrap_err();
    assert_eq!(faults.len(), 101);
    assert_eq!(faults[100].detail, "and 400 more faults: mend these first");
}

#[test]
fn what_is_left_out_has_its_default() {
    let draft = Draft::parse(
        br#"{ "id": "h", "title": "H", "opens_at": null, "clues": [
            { "id": "a", "title": "A", "solve": { "check_in": { "lat": -0.5, "lon": 180, "radius_m": 10 } } }
        ], "treasures": [ { "id": "t", "title": "T", "award": { "claim": {} } } ] }"#,
    )
    .unwrap();
    let definition = draft.seal(Salt([0; 16]));
    let (clue, treasure) = (definition.clue(0).unwrap(), definition.treasure(0).unwrap());
    assert_eq!(
        (
            clue.points,
            &clue.unlock,
            clue.text.as_str(),
            clue.grants.len()
        ),
        (0, &Unlock::Open, "", 0)
    );
    assert_eq!((treasure.stock, treasure.per_player), (None, 1));
    assert_eq!(
        (
            definition.guesses().per_clue,
            definition.guesses().cooldown_ms
        ),
        (None, 0)
    );
    assert_eq!(definition.schedule().opens_at, None);
    let hunt::Solve::CheckIn(place) = clue.solve else {
        panic!("{clue:?}")
    };
    assert_eq!(place.accuracy_max_m, 100.0);
}

#[test]
fn secrets_are_in_no_debug_output_and_no_bytes() {
    let json = br#"{ "id": "h", "title": "H", "clues": [
        { "id": "a", "title": "A", "solve": { "answer": ["xyzzy", "Plugh"] } },
        { "id": "b", "title": "B", "solve": { "scan": ["XYZZY-42"] } }
    ] }"#;
    let draft = Draft::parse(json).unwrap();
    let definition = draft.seal(Salt([7; 16]));
    let bytes = bincode::encode_to_vec(&definition, bincode::config::standard()).unwrap();
    let shown = format!(
        "{draft:?} {definition:?} {}",
        String::from_utf8_lossy(&bytes)
    )
    .to_lowercase();
    for secret in ["xyzzy", "plugh"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("3 hidden"), "{shown}");
    assert_eq!(definition, draft.seal(Salt([7; 16])));
    assert_ne!(definition, draft.seal(Salt([8; 16])));
}

#[test]
fn no_bytes_make_the_reader_panic() {
    let mut seeded = crate::seeded::Seeded(1);
    let sample = include_bytes!("../../../../examples/harbour-lights.json");
    for _ in 0..3_000 {
        let mut bytes = sample.to_vec();
        for _ in 0..=seeded.below(4) {
            let at = seeded.below(bytes.len());
            match seeded.below(4) {
                0 => bytes[at] = seeded.next() as u8,
                1 => bytes.truncate(at.max(1)),
                2 => bytes[at] = *seeded.pick(b"{}[]\",:0129-eE.\\ntf"),
                _ => {
                    let end = at + seeded.below((bytes.len() - at).min(40));
                    let copy = bytes[at..end].to_vec();
                    let to = seeded.below(bytes.len());
                    bytes.splice(to..to, copy);
                }
            }
        }
        if let Ok(draft) = Draft::parse(&bytes) {
            draft.seal(Salt([1; 16]));
        }
    }
}
