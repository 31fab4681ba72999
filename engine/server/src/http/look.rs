//! Calls that only look: hunts, progress, ranking, events, the feed, the cluster.

use std::time::Duration;

use hunt::view::{EventView, HuntSummary, event_view};
use hunt::{Audience, HuntId};
use hyper::header::HeaderName;
use hyper::{Response, StatusCode};
use node::{
    EVENTS_PAGE_MAX, EventsPage, FeedPage, FeedPosition, Host, LEADERBOARD_PAGE_MAX,
    Query as NodeQuery, Request,
};

use super::answer::{self, ApiBody};
use super::api::{Api, Call};
use super::auth::Role;
use super::endpoint::Endpoint;
use super::headers;
use super::play::unexpected;
use super::problem::{Problem, ProblemKind};
use super::route::Route;
use super::settings::{EVENTS_LIMIT_DEFAULT, LEADERBOARD_LIMIT_DEFAULT};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

impl<H: Host> Api<H> {
    pub(super) async fn look(
        &self,
        route: Route,
        call: &Call<'_>,
    ) -> Result<Response<ApiBody>, Problem> {
        match route {
            Route::Hunt(endpoint, hunt) => {
                let query = query(call, endpoint, hunt)?;
                self.ask(query).await
            }
            Route::Plain(Endpoint::Feed) => self.feed(call).await,
            Route::Plain(Endpoint::Cluster) => self.cluster().await,
            _ => self.hunts().await,
        }
    }

    async fn ask(&self, query: NodeQuery) -> Result<Response<ApiBody>, Problem> {
        let asked = self
            .within(Duration::ZERO, self.core().ask(Request::Query(query)))
            .await?;
        let json = match asked? {
            node::Response::Hunt(hunt) => answer::to_json(&*hunt),
            node::Response::Stats(stats) => answer::to_json(&*stats),
            node::Response::Progress(progress) => answer::to_json(&*progress),
            node::Response::Leaderboard(page) => answer::to_json(&page),
            node::Response::Events(page) => events_json(&page),
            node::Response::Refused(refusal) => return Err(refusal.into()),
            _ => return Err(unexpected()),
        };
        Ok(answer::json_bytes(StatusCode::OK, json))
    }

    async fn hunts(&self) -> Result<Response<ApiBody>, Problem> {
        let mut all = Vec::new();
        for answer in self
            .within(Duration::ZERO, self.core().ask_all(Request::Hunts))
            .await?
        {
            match answer? {
                node::Response::Hunts(hunts) => all.extend(hunts),
                _ => return Err(unexpected()),
            }
        }
        all.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(answer::json(StatusCode::OK, &HuntList { hunts: all }))
    }

    async fn feed(&self, call: &Call<'_>) -> Result<Response<ApiBody>, Problem> {
        let after = call
            .query
            .value::<FeedPosition>("after")?
            .unwrap_or_default();
        let limit = limit(call, EVENTS_PAGE_MAX, EVENTS_LIMIT_DEFAULT)?;
        let wait_ms_max =
            u64::try_from(self.settings().feed_wait_max.as_millis()).unwrap_or(u64::MAX);
        let wait = Duration::from_millis(
            call.query
                .number("wait_ms", 0, wait_ms_max)?
                .unwrap_or_default(),
        );
        if headers::wants_event_stream(&call.parts.headers) {
            return self.stream(call.caller.clone(), resume(call)?.unwrap_or(after));
        }
        let page = self
            .within(wait, self.core().feed(after, limit, wait))
            .await??;
        Ok(answer::json_bytes(StatusCode::OK, feed_json(&page)))
    }
}

#[derive(serde::Serialize)]
struct HuntList {
    hunts: Vec<HuntSummary>,
}

fn query(call: &Call<'_>, endpoint: Endpoint, hunt: HuntId) -> Result<NodeQuery, Problem> {
    let headers = &call.parts.headers;
    Ok(match endpoint {
        Endpoint::Stats => NodeQuery::Stats { hunt },
        Endpoint::Progress => NodeQuery::Progress {
            hunt,
            player: headers::player(&call.caller, headers, None)?,
        },
        Endpoint::Leaderboard => {
            let limit = limit(call, LEADERBOARD_PAGE_MAX, LEADERBOARD_LIMIT_DEFAULT)?;
            NodeQuery::Leaderboard {
                hunt,
                limit,
                around: around(call)?,
            }
        }
        Endpoint::Events => {
            let after = call.query.number("after", 0, u64::MAX)?.unwrap_or_default();
            NodeQuery::Events {
                hunt,
                after,
                limit: limit(call, EVENTS_PAGE_MAX, EVENTS_LIMIT_DEFAULT)?,
            }
        }
        _ => {
            let player = headers::viewer(&call.caller, headers)?;
            let audience = if player.is_some() {
                Audience::Player
            } else {
                Audience::Staff
            };
            NodeQuery::Hunt {
                hunt,
                player,
                audience,
            }
        }
    })
}

fn limit(call: &Call<'_>, max: usize, default: usize) -> Result<usize, Problem> {
    let given = call.query.number("limit", 1, max as u64)?;
    Ok(given
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(default))
}

fn around(call: &Call<'_>) -> Result<Option<hunt::PlayerId>, Problem> {
    match call.query.get("around") {
        None => Ok(None),
        Some("me") if call.caller.role == Role::Operator => Err(Problem::malformed(
            "the query parameter `around`: an operator has no place in the ranking",
        )),
        Some("me") => headers::player(&call.caller, &call.parts.headers, None).map(Some),
        Some(_) => Err(Problem::malformed(
            "the query parameter `around` must be me",
        )),
    }
}

fn resume(call: &Call<'_>) -> Result<Option<FeedPosition>, Problem> {
    let Some(value) = call.parts.headers.get(LAST_EVENT_ID) else {
        return Ok(None);
    };
    let position = value
        .to_str()
        .ok()
        .filter(|text| !text.is_empty())
        .map(str::parse);
    match position {
        Some(Ok(position)) => Ok(Some(position)),
        _ => Err(Problem::new(
            ProblemKind::Malformed,
            "the header Last-Event-ID is not a position of the feed",
        )),
    }
}

fn events_json(page: &EventsPage) -> Vec<u8> {
    let mut json = br#"{"events":["#.to_vec();
    for (i, event) in page.events.iter().enumerate() {
        if i > 0 {
            json.push(b',');
        }
        answer::append_json(&mut json, &event_view(event, &page.definition, page.shard));
    }
    let tail = format!(
        r#"],"next_after":{},"more":{}}}"#,
        page.next_after, page.more
    );
    json.extend_from_slice(tail.as_bytes());
    json
}

fn feed_json(page: &FeedPage) -> Vec<u8> {
    let mut json = br#"{"events":["#.to_vec();
    for (i, event) in page.events.iter().enumerate() {
        if i > 0 {
            json.push(b',');
        }
        let view = event_view(&event.event, &event.definition, event.shard);
        append_feed_event(&mut json, event.position, &view);
    }
    let tail = format!(r#"],"position":"{}","more":{}}}"#, page.position, page.more);
    json.extend_from_slice(tail.as_bytes());
    json
}

/// Appends an event of the feed: its position, and what a hunt's events show of it.
pub(super) fn append_feed_event(json: &mut Vec<u8>, position: FeedPosition, event: &EventView) {
    json.extend_from_slice(format!(r#"{{"position":"{position}""#).as_bytes());
    answer::append_fields(json, event);
}
