//! What each body is read as, or the problem that its sender gets.

use expect_test::{Expect, expect};
use hunt::{Attempt, RequestId};

use super::*;
use crate::http::problem::Problem;

fn show<T: std::fmt::Debug>(read: Result<T, Problem>) -> String {
    match read {
        Ok(value) => format!("{value:?}"),
        Err(problem) => {
            let faults: Vec<_> = problem
                .faults
                .iter()
                .map(|f| format!("\n{} {}", f.pointer, f.detail))
                .collect();
            let status = problem.kind.status().as_u16();
            match faults.is_empty() {
                true => format!("{status} {}", problem.detail),
                false => format!("{status}{}", faults.concat()),
            }
        }
    }
}

fn check_solve(body: &str, expected: Expect) {
    let read = parse_solve(body.as_bytes());
    let read = read.map(|body| format!("{:?} {}", body.player, in_clear(&body.attempt)));
    expected.assert_eq(&read.unwrap_or_else(|problem| show::<()>(Err(problem))));
}

/// What a player tried, which its own `Debug` hides.
fn in_clear(attempt: &Attempt) -> String {
    match attempt {
        Attempt::Answer(text) => format!("answer {text}"),
        Attempt::Scan(code) => format!("scan {code}"),
        Attempt::CheckIn {
            lat,
            lon,
            accuracy_m,
        } => format!("check-in {lat} {lon} {accuracy_m}"),
    }
}

fn check_batch(body: &str, expected: Expect) {
    let read = parse_batch(body.as_bytes(), |index| {
        RequestId::new(&format!("made-{index}")).unwrap()
    });
    let lines = read.map(|items| {
        items
            .into_iter()
            .map(|item| format!("{}\n", show(item)))
            .collect::<String>()
    });
    expected.assert_eq(&lines.unwrap_or_else(|problem| show::<()>(Err(problem))));
}

#[test]
fn reads_the_three_kinds_of_attempt() {
    check_solve(r#"{"answer":"Pharos"}"#, expect!["None answer Pharos"]);
    check_solve(r#" {"code" : "7F\u0033A"} "#, expect!["None scan 7F3A"]);
    check_solve(
        r#"{"lat":-0.5e1,"lon":180,"accuracy_m":0,"player":"p 1"}"#,
        expect![[r#"
            422
            /player an id has ' ' at byte 1: use visible ASCII characters only, no space"#]],
    );
    check_solve(
        r#"{"lat":-0.5e1,"lon":180,"accuracy_m":0,"player":"p1"}"#,
        expect![[r#"Some("p1") check-in -5 180 0"#]],
    );
}

#[test]
fn refuses_coordinates_that_are_none() {
    for lat in [
        "1e400",
        "-1e400",
        "90.0000001",
        "null",
        "\"1\"",
        "true",
        "[]",
        "\"NaN\"",
    ] {
        check_solve(
            &format!(r#"{{"lat":{lat},"lon":0,"accuracy_m":1}}"#),
            expect![[r#"
                422
                /lat must be a number from -90 to 90"#]],
        );
    }
    check_solve(
        r#"{"lat":NaN,"lon":0,"accuracy_m":1}"#,
        expect!["400 the body is not JSON: expected value at line 1 column 8"],
    );
    check_solve(
        r#"{"lat":0,"lon":181,"accuracy_m":-1}"#,
        expect![[r#"
            422
            /lon must be a number from -180 to 180
            /accuracy_m must be a number from 0 to 40100000"#]],
    );
    check_solve(
        r#"{"lat":0,"lon":0}"#,
        expect![[r#"
            422
            /accuracy_m is missing: a check-in needs `lat`, `lon` and `accuracy_m`"#]],
    );
}

#[test]
fn refuses_what_is_unknown_doubled_or_mixed() {
    check_solve(
        r#"{"answer":"a","answer":"b","nonsense/~":{"deep":[1e999]}}"#,
        expect![[r#"
            422
            /answer is given twice
            /nonsense~1~0 is not a known field: use answer, lat, lon, accuracy_m, code, player"#]],
    );
    check_solve(
        r#"{"answer":"secret","code":"hidden"}"#,
        expect![[r#"
            422
             needs exactly one of `answer`, `lat` with `lon` and `accuracy_m`, or `code`"#]],
    );
    check_solve(
        "{}",
        expect![[r#"
            422
             needs exactly one of `answer`, `lat` with `lon` and `accuracy_m`, or `code`"#]],
    );
    check_solve(
        r#"{"answer":"\ud800"}"#,
        expect![[r#"
            422
            /answer must be a string of valid Unicode"#]],
    );
}

#[test]
fn refuses_what_is_no_object_with_line_and_column() {
    check_solve(
        "",
        expect!["400 the body is empty: it must be a JSON object"],
    );
    check_solve(
        "[]",
        expect!["400 the body must be a JSON object, see line 1 column 0"],
    );
    check_solve(
        "7",
        expect!["400 the body must be a JSON object, see line 1 column 1"],
    );
    check_solve(
        "{\n\"answer\":",
        expect!["400 the body ends too early, at line 2 column 9"],
    );
    check_solve(
        "{\"answer\":\"a\"}}",
        expect!["400 the body is not JSON: trailing characters at line 1 column 15"],
    );
    check_solve(
        "{'answer':1}",
        expect!["400 the body is not JSON: key must be a string at line 1 column 2"],
    );
    expect!["400 the body is not UTF-8 at line 2 column 3"]
        .assert_eq(&show(parse_solve(b"{\n\"a\xff\":1}")));
    let deep = "[".repeat(100_000);
    check_solve(
        &format!("{{\"answer\":{deep}"),
        expect!["400 the body ends too early, at line 1 column 100010"],
    );
}

#[test]
fn reads_the_small_bodies() {
    let check = |read: String, expected: Expect| expected.assert_eq(&read);
    check(show(parse_player(b"")), expect!["None"]);
    check(show(parse_player(b"{}")), expect!["None"]);
    check(
        show(parse_player(br#"{"player":"p1"}"#)),
        expect![[r#"Some("p1")"#]],
    );
    check(
        show(parse_player(b"null")),
        expect!["400 the body must be empty or a JSON object, see line 1 column 4"],
    );
    check(show(parse_nothing(b"{}")), expect!["()"]);
    check(
        show(parse_nothing(br#"{"a":1}"#)),
        expect![[r#"
            422
            /a is not a known field: use none"#]],
    );
    check(
        show(parse_stock(br#"{"add":9007199254740991}"#)),
        expect!["9007199254740991"],
    );
    for add in ["0", "-1", "1.5", "9007199254740992", "1e400", "\"1\""] {
        check(
            show(parse_stock(format!(r#"{{"add":{add}}}"#).as_bytes())),
            expect![[r#"
                422
                /add must be a whole number from 1 to 9007199254740991"#]],
        );
    }
    check(
        show(parse_stock(b"{}")),
        expect![[r#"
            422
            /add is missing: say how many to add"#]],
    );
    check(
        show(check_json(b"{} x")),
        expect!["400 the body is not JSON: trailing characters at line 1 column 4"],
    );
}

#[test]
fn reads_each_item_of_a_batch_on_its_own() {
    check_batch(
        r#"[{"player":"p","hunt":"h","request_id":"r","join":{}},
            {"player":"p","hunt":"h","join":true},
            {"player":"p","hunt":"h","solve":{"clue":"c","answer":"a"}},
            {"player":"p","hunt":"h","claim":{"treasure":"t"}},
            {"player":"p","hunt":"h","claim":"t"},
            {"player":"p","hunt":"H","join":{"x":1}},
            7, null, "x", 1e400,
            {"player":"p","hunt":"h"},
            {"hunt":"h","join":{}},
            {"player":"p","hunt":"h","solve":{"answer":"a"},"mood":1},
            {"player":"p","hunt":"h","solve":{"clue":"c","lat":1e400,"lon":0,"accuracy_m":1}}]"#,
        expect![[r#"
            Command { hunt: "h", request: "r", action: Join { player: "p" } }
            Command { hunt: "h", request: "made-1", action: Join { player: "p" } }
            Command { hunt: "h", request: "made-2", action: Solve { player: "p", clue: "c", attempt: Answer(…) } }
            Command { hunt: "h", request: "made-3", action: Claim { player: "p", treasure: "t" } }
            Command { hunt: "h", request: "made-4", action: Claim { player: "p", treasure: "t" } }
            422
            /5/hunt an id has 'H' at byte 0: use a-z, 0-9, - and _ only
            /5/join must be {} or true
            422
            /6 an item must be a JSON object
            422
            /7 an item must be a JSON object
            422
            /8 an item must be a JSON object
            422
            /9 an item must be a JSON object
            422
            /10 needs exactly one of `join`, `solve` and `claim`
            422
            /11/player is missing
            422
            /12/mood is not a known field: use player, hunt, request_id, join, solve, claim
            /12/solve/clue is missing
            422
            /13/solve/lat must be a number from -90 to 90
        "#]],
    );
}

#[test]
fn limits_the_items_of_a_batch() {
    let batch = |count: usize| format!("[{}{{}}]", "{},".repeat(count - 1));
    let read = |body: String| {
        parse_batch(body.as_bytes(), |_| RequestId::new("r").unwrap()).map(|items| items.len())
    };
    assert_eq!(read("[]".into()), Ok(0));
    expect!["413 a batch has at most 10000 commands: send several"]
        .assert_eq(&show(read(batch(10_001))));
    check_batch(
        "{}",
        expect!["400 the body must be a JSON array, see line 1 column 0"],
    );
    check_batch(
        "[{},",
        expect!["400 the body ends too early, at line 1 column 4"],
    );
    check_batch(
        "[]]",
        expect!["400 the body is not JSON: trailing characters at line 1 column 3"],
    );
}
