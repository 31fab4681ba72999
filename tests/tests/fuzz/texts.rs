//! Small texts from outside: paths, queries, feed positions, times, answers, tokens.

use std::sync::LazyLock;

use hunt::{Millis, normalise};
use node::FeedPosition;
use server::http::auth::{KeyKind, KeySetting, Keys};
use server::http::{NoRoute, Query, Route};
use tests::{Role, SECRET, token};

use crate::fuzzer::fuzz;
use crate::mutation::Mutator;

const WORDS: &[&str] = &[
    "/",
    "//",
    "..",
    ".",
    "%2e",
    "%2F",
    "%00",
    "%zz",
    "%",
    "%c3%28",
    "v1",
    "hunts",
    "clues",
    "treasures",
    "solve",
    "?",
    "&",
    "=",
    "+",
    "\u{0}",
    "ı",
    "ﬃ",
    "ß",
    "ẞ",
    "σς",
    "\u{301}",
    "\u{345}",
    "が",
    "각",
    "a",
    "-",
    ":",
    "T",
    "Z",
    "+14:00",
    "9999",
];

const TEXT: Mutator = Mutator {
    dictionary: WORDS,
    json: false,
};

#[test]
fn paths_and_queries() {
    let corpus = [
        "/v1/hunts/h/clues/c/solve",
        "/v1/hunts/h/join?limit=1&around=me",
        "/v1/feed?after=00-0&limit=%31",
        "/healthz",
    ];
    fuzz(
        "paths and queries",
        bytes(&corpus),
        &TEXT,
        |_, _| {},
        |input| {
            let text = String::from_utf8_lossy(input);
            let (path, query) = text.split_once('?').unwrap_or((&text, ""));
            let route = match Route::find("POST", path).or_else(|_| Route::find("GET", path)) {
                Ok(route) => format!("{:?}", route.endpoint()),
                Err(NoRoute::Method(allow)) => allow.to_owned(),
                Err(NoRoute::Problem(problem)) => format!("{:?}", problem.kind),
            };
            let query = match Query::parse(Some(query), &["limit", "around", "after"]) {
                Err(problem) => format!("{:?}", problem.kind),
                Ok(query) => {
                    let limit = query.number("limit", 1, 1_000);
                    assert!(
                        limit
                            .as_ref()
                            .ok()
                            .copied()
                            .flatten()
                            .is_none_or(|limit| (1..=1_000).contains(&limit))
                    );
                    format!(
                        "{} {}",
                        limit.is_ok(),
                        query.value::<FeedPosition>("after").is_ok()
                    )
                }
            };
            format!("{route} {query}")
        },
    );
}

#[test]
fn positions_and_times() {
    let corpus = [
        "000102030405060708ff-3",
        "00000000000000000000-4294967295",
        "2026-12-01T18:00:00.123+14:00",
        "9999-12-31T23:59:59Z",
    ];
    fuzz(
        "positions and times",
        bytes(&corpus),
        &TEXT,
        |_, _| {},
        |input| {
            let text = String::from_utf8_lossy(input);
            let position = text.parse::<FeedPosition>().ok();
            if let Some(position) = position {
                assert_eq!(position.to_string().parse(), Ok(position));
            }
            let time = Millis::parse_rfc3339(&text).ok();
            if let Some(time) = time {
                assert_eq!(Millis::parse_rfc3339(&time.to_string()), Ok(time));
            }
            let length = text.len().min(40);
            format!("{} {} {length}", position.is_some(), time.is_some())
        },
    );
}

#[test]
fn answers() {
    let corpus = [
        "Café du Monde!",
        "ΣΊΣΥΦΟΣ",
        "Straße",
        "ǅ ﬃ İ",
        "がぎ 각",
        "क़ख़",
        "a\u{345}\u{301}\u{323}",
    ];
    fuzz(
        "answers",
        bytes(&corpus),
        &TEXT,
        |_, _| {},
        |input| {
            let text = String::from_utf8_lossy(input);
            let once = normalise(&text);
            assert_eq!(
                normalise(&once),
                once,
                "{text:?}: normalising twice is normalising once"
            );
            let spaced: String = once.chars().flat_map(|c| [c, ' ']).collect();
            let is_short = spaced.len() <= hunt::limits::ATTEMPT_BYTES_MAX;
            let is_marked = once.chars().any(|c| !c.is_alphanumeric());
            assert!(
                !is_short || is_marked || !once.is_ascii() || normalise(&spaced) == once,
                "{text:?}: spaces count"
            );
            format!("{} {}", once.chars().count().min(60), once.is_ascii())
        },
    );
}

#[test]
fn tokens() {
    static SIGNED: LazyLock<Vec<String>> = LazyLock::new(|| {
        vec![
            token(Role::Player, "p-1"),
            token(Role::Service, "game"),
            token(Role::Operator, "boss"),
        ]
    });
    let secret = KeySetting {
        kid: None,
        kind: KeyKind::Hs256Secret(SECRET.to_owned()),
    };
    let keys = Keys::from_settings(&[secret]).unwrap();
    let corpus = SIGNED
        .iter()
        .map(|token| token.as_bytes().to_vec())
        .collect();
    fuzz(
        "tokens",
        corpus,
        &TEXT,
        |_, _| {},
        |input| match keys.verify(input, Millis(1)) {
            Err(fault) => fault.to_string(),
            Ok(caller) => {
                let signed = SIGNED.iter().any(|token| token.as_bytes() == input);
                assert!(signed, "nobody signed this token: {caller:?}");
                format!("{:?}", caller.role)
            }
        },
    );
}

fn bytes(corpus: &[&str]) -> Vec<Vec<u8>> {
    corpus.iter().map(|text| text.as_bytes().to_vec()).collect()
}
