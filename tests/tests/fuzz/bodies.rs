//! Bodies of HTTP requests: what is accepted is within its limits and means the same when it is written again, and what
//! is refused does not repeat what a player tried.

use hunt::limits::STOCK_MAX;
use hunt::{Action, Attempt, RequestId};
use node::COMMANDS_PER_REQUEST_MAX;
use serde_json::{Value, json};
use server::http::Problem;
use server::http::body::{
    SolveBody, check_json, parse_batch, parse_nothing, parse_player, parse_solve, parse_stock,
};

use crate::fuzzer::{Outcome, fuzz};
use crate::mutation::Mutator;

const WORDS: &[&str] = &[
    "player",
    "hunt",
    "request_id",
    "join",
    "solve",
    "claim",
    "clue",
    "treasure",
    "answer",
    "code",
    "lat",
    "lon",
    "accuracy_m",
    "add",
    "harbour-lights",
    "gold-coin",
    "pharos",
    "p-1",
    "NaN",
    "Infinity",
    "1e400",
    "-0.0",
    "\\ud800",
    "\\u0000",
    "\u{feff}",
    "true",
    "{}",
    "[]",
    "null",
];

const JSON: Mutator = Mutator {
    dictionary: WORDS,
    json: true,
};

/// Pieces of the secrets in the corpus.
const SECRETS: [&str; 2] = ["quicksilver", "7F3A"];

#[test]
fn solves() {
    let corpus = [
        r#"{"answer":"quicksilver magpie"}"#,
        r#"{"answer":"Ärger \u00e9\ud83d\ude00","player":"p-1"}"#,
        r#"{"lat":54.3233,"lon":10.1394,"accuracy_m":12.5}"#,
        r#"{"lat":-90,"lon":180,"accuracy_m":0,"player":"p-2"}"#,
        r#"{"code":"CRATE-7F3A-ZEBRA"}"#,
    ];
    fuzz(
        "solves",
        bytes(&corpus),
        &JSON,
        |_, _| {},
        |input| match parse_solve(input) {
            Err(problem) => {
                let secrets: Value = serde_json::from_slice(input).unwrap_or_default();
                hides(&problem, &[&secrets["answer"], &secrets["code"]]);
                kind(&problem)
            }
            Ok(body) => {
                in_range(&body.attempt);
                assert_eq!(
                    parse_solve(&written(&body)),
                    Ok(body),
                    "it means the same again"
                );
                "solve".to_owned()
            }
        },
    );
}

#[test]
fn small_bodies() {
    let corpus = [
        "",
        "{}",
        r#"{"player":"p-1"}"#,
        r#"{"add":5}"#,
        r#"{"add":9007199254740991}"#,
        " {\"add\" : 1}\n",
    ];
    fuzz(
        "small bodies",
        bytes(&corpus),
        &JSON,
        |_, _| {},
        |input| {
            let nothing =
                parse_nothing(input).map_or_else(|problem| kind(&problem), |()| "nothing".into());
            let player = match parse_player(input) {
                Err(problem) => kind(&problem),
                Ok(None) => "no player".into(),
                Ok(Some(player)) => {
                    let again = json!({ "player": player.as_str() }).to_string();
                    assert_eq!(parse_player(again.as_bytes()), Ok(Some(player)));
                    "player".into()
                }
            };
            let stock = match parse_stock(input) {
                Err(problem) => kind(&problem),
                Ok(add) => {
                    assert!((1..=STOCK_MAX).contains(&add), "{add} is no stock");
                    "stock".into()
                }
            };
            let is_json =
                check_json(input).map_or_else(|problem| kind(&problem), |()| "json".into());
            assert_eq!(
                is_json == "json",
                std::str::from_utf8(input)
                    .is_ok_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok())
            );
            format!("{nothing}|{player}|{stock}|{is_json}")
        },
    );
}

#[test]
fn batches_of_commands() {
    let corpus = [
        "[]",
        r#"[{"player":"p-1","hunt":"harbour-lights","request_id":"r-1","join":{}}]"#,
        r#"[{"player":"p-1","hunt":"h","join":true},{"player":"p-2","hunt":"h","claim":"gold-coin"},
            {"player":"p-3","hunt":"h","request_id":"r","claim":{"treasure":"gold-coin"}}]"#,
        r#"[{"player":"p","hunt":"h","solve":{"clue":"pharos","answer":"quicksilver magpie"}},
            {"player":"p","hunt":"h","solve":{"clue":"pier","lat":1,"lon":2,"accuracy_m":3}},
            {"player":"p","hunt":"h","solve":{"clue":"crate","code":"CRATE-7F3A-ZEBRA"}}]"#,
    ];
    let made = |index: usize| RequestId::new(&format!("made-{index}")).unwrap();
    fuzz(
        "batches of commands",
        bytes(&corpus),
        &JSON,
        |_, _| {},
        |input| {
            let items: Value = serde_json::from_slice(input).unwrap_or_default();
            match parse_batch(input, made) {
                Err(problem) => kind(&problem),
                Ok(batch) => {
                    assert!(batch.len() <= COMMANDS_PER_REQUEST_MAX);
                    assert!(
                        items.is_null() || items.as_array().map(Vec::len) == Some(batch.len()),
                        "an item was lost"
                    );
                    let mut told = String::new();
                    for (index, item) in batch.iter().enumerate() {
                        let item = match item {
                            Err(problem) => {
                                let solve = &items[index]["solve"];
                                hides(problem, &[&solve["answer"], &solve["code"]]);
                                kind(problem)
                            }
                            Ok(command) => {
                                if let Action::Solve { attempt, .. } = &command.action {
                                    in_range(attempt);
                                }
                                format!("{:?}", std::mem::discriminant(&command.action))
                            }
                        };
                        if told.len() < 400 {
                            told = told + "|" + &item;
                        }
                    }
                    told
                }
            }
        },
    );
}

fn bytes(corpus: &[&str]) -> Vec<Vec<u8>> {
    corpus.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn in_range(attempt: &Attempt) {
    if let Attempt::CheckIn {
        lat,
        lon,
        accuracy_m,
    } = attempt
    {
        let is_place = (-90.0..=90.0).contains(lat) && (-180.0..=180.0).contains(lon);
        assert!(
            is_place && *accuracy_m >= 0.0 && accuracy_m.is_finite(),
            "{attempt:?}"
        );
    }
}

fn written(body: &SolveBody) -> Vec<u8> {
    let mut object = match &body.attempt {
        Attempt::Answer(answer) => json!({ "answer": answer }),
        Attempt::Scan(code) => json!({ "code": code }),
        Attempt::CheckIn {
            lat,
            lon,
            accuracy_m,
        } => json!({ "lat": lat, "lon": lon, "accuracy_m": accuracy_m }),
    };
    if let Some(player) = &body.player {
        object["player"] = player.as_str().into();
    }
    object.to_string().into_bytes()
}

/// What was tried is not in the problem; what is not a piece of a secret of the corpus may be one of the format's words.
fn hides(problem: &Problem, tried: &[&Value]) {
    let shown = format!("{} {problem:?}", serde_json::to_string(problem).unwrap());
    for text in tried.iter().filter_map(|value| value.as_str()) {
        let telling = SECRETS.iter().any(|secret| text.contains(secret));
        assert!(
            !telling || !shown.contains(text),
            "{text:?} is repeated by {shown}"
        );
    }
}

/// A problem without its numbers.
fn kind(problem: &Problem) -> Outcome {
    let detail = problem
        .detail
        .chars()
        .filter(|c| !c.is_ascii_digit())
        .take(60);
    let place = problem
        .faults
        .first()
        .map_or("", |fault| fault.pointer.as_str());
    let place = place.chars().take(30);
    format!(
        "{:?} {} {}",
        problem.kind,
        detail.collect::<String>(),
        place.collect::<String>()
    )
}
