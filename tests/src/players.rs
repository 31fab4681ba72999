//! What tests ask again and again.

use serde_json::Value;

use crate::client::{Answer, Client};
use crate::request::Request;
use crate::tokens::{Role, token};

/// Events that a page of the feed is asked for.
const PAGE_EVENTS: usize = 10_000;

/// The JSON of an answer that must be a success.
///
/// # Panics
///
/// If it is none.
pub fn ok(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Asks, and expects a success.
///
/// # Panics
///
/// If it is none.
pub fn look(client: &mut Client, role: Role, path: &str) -> Value {
    let request = Request::get(path).token(&token(role, "tests"));
    ok(&client.ask(&request).unwrap())
}

/// All events of the feed, from its first to its end.
///
/// # Panics
///
/// If a page is refused, or the feed makes no progress.
pub fn feed(client: &mut Client) -> Vec<Value> {
    let mut events = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let from = after
            .as_ref()
            .map_or(String::new(), |after| format!("&after={after}"));
        let page = look(
            client,
            Role::Service,
            &format!("/v1/feed?limit={PAGE_EVENTS}{from}"),
        );
        let found = page["events"].as_array().unwrap();
        let position = page["position"].as_str().unwrap().to_owned();
        if found.is_empty() && page["more"] != Value::Bool(true) {
            return events;
        }
        assert_ne!(after.as_ref(), Some(&position), "the feed stands still");
        events.extend(found.iter().cloned());
        after = Some(position);
    }
}

/// The ids of all grants of a treasure that the feed tells of, in order.
pub fn grants_in(events: &[Value], treasure: &str) -> Vec<String> {
    let grants = events
        .iter()
        .filter_map(|event| event["grants"].as_array())
        .flatten();
    grants
        .filter(|grant| grant["treasure"] == treasure)
        .filter_map(|grant| grant["id"].as_str().map(str::to_owned))
        .collect()
}
