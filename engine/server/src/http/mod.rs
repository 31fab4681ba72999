//! The HTTP API: from a request's head and body to an answer. It never fails; what goes wrong is an answer too.
//!
//! ```text
//! request ──route──▶ free slot? ──token──▶ role? ──query, ids, body──▶ fast? ──▶ node::Core ──▶ answer
//!           404 405     503       401      403      400 408 413 422    429      404 409 422 503
//! ```
//!
//! Parsing and rendering are plain functions ([`body`], `route`, `query`, `reply`); time, randomness and timers come
//! from the `Host`, never from the platform.

mod answer;
mod api;
pub mod auth;
pub mod body;
mod cluster;
mod endpoint;
mod generations;
mod headers;
mod look;
mod metrics;
mod open_api;
mod operate;
mod play;
mod problem;
mod query;
mod rate;
mod reply;
mod route;
mod settings;
mod slots;
mod stream;

pub use answer::ApiBody;
pub use api::Api;
pub use endpoint::{Access, Endpoint, Spec};
pub use metrics::{CoreMeters, Meters, STATUSES, StoreFigure, StoreFigures};
pub use problem::{Problem, ProblemKind};
pub use query::Query;
pub use route::{NoRoute, Route};
pub use settings::{
    ApiSettings, ClusterCalls, EVENTS_LIMIT_DEFAULT, KEYS_MAX, LEADERBOARD_LIMIT_DEFAULT,
    PLAYER_BURST_S, RETRY_AFTER_MS, SECRET_BYTES_MIN, STREAM_HEARTBEAT, STREAM_PAGE_EVENTS,
    STREAM_RETRY_MS, StopRequest, TOKEN_BYTES_MAX, TOKEN_CACHED_BYTES_MAX, TOKEN_LEEWAY_S,
};
